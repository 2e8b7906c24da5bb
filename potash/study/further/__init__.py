"""Questions beyond one window: joint regressions, calendar time, cross-sections, volume, volatility."""
