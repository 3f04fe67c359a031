"""geopandas, handed whole columns by GDAL."""

import sys

import geopandas as gpd

if __name__ == "__main__":
    sys.exit(len(gpd.read_file(sys.argv[1], use_arrow=True)) != int(sys.argv[2]))
