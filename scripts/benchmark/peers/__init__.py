"""One program per peer, each from the files to a table of pairs, as someone who knows the peer would write it.

They run as ``python -m benchmark.peers.NAME SITES ZONES ANSWER MEASURE`` (see `benchmark.question`). An area is that of
`ecogeo.geodesy` (edges straight in longitude and latitude, CGCS2000), which is faster than what the Python peers have
of their own; DuckDB and PostGIS use theirs, whose edges are geodesics on WGS 84.

They run once and end, so none of them collects garbage, which would cost the short ones a fifth of their time: an
expert of any of them would see to that.
"""

import atexit
import gc

gc.disable()
atexit.register(gc.freeze)
