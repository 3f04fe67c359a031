"""PostGIS with the zones as they are."""

from benchmark.peers.postgis_subdivided import answer
from benchmark.question import Question

if __name__ == "__main__":
    answer(Question.asked(), most_vertices=None)
