"""geopandas: GeoParquet by pyarrow, all else by pyogrio."""

import sys

import geopandas as gpd

if __name__ == "__main__":
    path = sys.argv[1]
    frame = gpd.read_parquet(path) if path.endswith(".parquet") else gpd.read_file(path)
    sys.exit(len(frame) != int(sys.argv[2]))
