"""exactextract, going through the raster block by block instead of polygon by polygon."""

from benchmark.peers.exactextract_shares import answer
from benchmark.question import Question

if __name__ == "__main__":
    answer(Question.asked(), strategy="raster-sequential")
