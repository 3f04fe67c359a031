"""ecogeo: layers, plan tables and dated rules of a county, joined, checked and shown on a map.

Importing it keeps GDAL off the network in this process and those it starts, whatever a file asks for: what GDAL would
fetch goes to a proxy nobody answers at. Databases and tiles are asked for without GDAL.
"""

import os

__version__ = "0.1.0"

GDAL_WITHOUT_NETWORK = {
    "GDAL_HTTP_PROXY": "127.0.0.1:1",
    "GDAL_HTTPS_PROXY": "127.0.0.1:1",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "PROJ_NETWORK": "OFF",
}
"""What GDAL is told, before any of its copies (pyogrio's, fiona's, rasterio's) is loaded."""

os.environ.update(GDAL_WITHOUT_NETWORK)
