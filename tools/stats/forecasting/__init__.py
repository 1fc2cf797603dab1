"""Forecasts of many series at once: models chosen by rolling backtest, combined, with calibrated intervals."""
