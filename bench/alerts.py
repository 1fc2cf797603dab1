"""Alerts: NAB by its own scoring, and planted anomalies in daily figures of Online Retail and Walmart, beside peers.

Daily figures: 25 of Online Retail as they are and 20 stores of Walmart, whose weeks are spread over their days. The
last 364 days are judged. In each series one anomaly of each kind is planted, small, medium or large, measured in the
series' own noise. Every method has, for each series, the threshold at which it makes one false alarm in a quarter when
the series is untouched; an alarm that the untouched series gives as well finds nothing. Half of the series served to
choose the constants of ours, the other half is reported. Promotions are planted with a calendar that Prophet has as
well. `--full` takes every series of the reporting half, else every other.
"""

from __future__ import annotations

import os
import sys
import warnings

from bench import _alerts_daily, _alerts_nab


def main() -> None:
    os.environ["NIXTLA_ID_AS_COL"] = "1"
    warnings.simplefilter("ignore")
    print("NAB, standard profile")
    _alerts_nab.compare()
    print("\nDaily figures: share of planted anomalies found (mean days until then)")
    full = "--full" in sys.argv
    _alerts_daily.told(_alerts_daily.compare(full=full))
    _alerts_daily.tell_own(full=full)


if __name__ == "__main__":
    main()
