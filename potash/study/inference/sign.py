"""Sign and signed-rank tests of CARs, as pure functions of arrays: all take firm-events as independent draws."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, bdtrc, ndtr

from potash._typing import Float1D, Float2D
from potash.study.inference.rank import average_ranks
from potash.study.inference.significance import SignificanceTest, not_applicable

MOST_EXACT = 50  # from here on the normal p-value is off by .0013 at most where p lies between .005 and .1


def sign_test(cars: Float1D) -> SignificanceTest:
    """Test that a positive CAR is as likely as a negative one.

    Parameters
    ----------
    cars : ndarray of shape (n,)
        Cumulative abnormal returns; NaN entries are left out and not counted, nor are zeros, which have no sign.

    Notes
    -----
    The statistic is the papers' ``(positive - n/2) / sqrt(n/4)``. The p-value is that of the binomial distribution
    itself, twice its smaller tail, which the normal one approximates: with eight firms, seven of them positive, the
    normal p-value is .034, the exact one .070.

    References
    ----------
    .. [1] Brown, S. J. and Warner, J. B. (1980). Journal of Financial Economics 8(3), 205-258.
    .. [2] Dixon, W. J. and Mood, A. M. (1946). Journal of the American Statistical Association 41(236), 557-566.
    """
    null = "median CAR = 0; independent firm-events"
    signed = cars[~np.isnan(cars) & (cars != 0)]
    if len(signed) < 1:
        return not_applicable("sign", null, 0, "no CAR other than zero")
    return _by_binomial("sign", null, int((signed > 0).sum()), len(signed), 0.5)


def generalized_sign_test(cars: Float1D, residuals: Float2D) -> SignificanceTest:
    """Test that a positive CAR is as likely as a positive abnormal return in the estimation window.

    Parameters
    ----------
    cars : ndarray of shape (n,)
        Cumulative abnormal returns; NaN entries are left out and not counted. Zeros count as not positive, here as in
        the estimation window.
    residuals : ndarray of shape (n, L)
        Estimation residuals; NaN on sessions that were not used.

    Notes
    -----
    The expected share ``p`` is the mean over firms of each firm's own share of positive residuals, of one day even if
    the CAR spans several, as in the paper. The statistic is ``(positive - n p) / sqrt(n p (1 - p))``; its p-value is
    exact as in :func:`sign_test`, given ``p``.

    References
    ----------
    .. [1] Cowan, A. R. (1992). Review of Quantitative Finance and Accounting 2(4), 343-358, pp. 345-346.
    """
    null = "a CAR is positive as often as an abnormal return of the estimation window; independent firm-events"
    observed = ~np.isnan(residuals)
    entered = ~np.isnan(cars) & observed.any(axis=1)
    n = int(entered.sum())
    if n < 1:
        return not_applicable("generalized_sign", null, n, "no CAR")
    share = float(((residuals[entered] > 0).sum(axis=1) / observed[entered].sum(axis=1)).mean())
    if not 0 < share < 1:
        return not_applicable("generalized_sign", null, n, "all residuals of the estimation windows have one sign")
    return _by_binomial("generalized_sign", null, int((cars[entered] > 0).sum()), n, share)


def wilcoxon_test(cars: Float1D) -> SignificanceTest:
    """Test that CARs are distributed symmetrically about zero, by the sum of the ranks of the positive ones.

    Parameters
    ----------
    cars : ndarray of shape (n,)
        Cumulative abnormal returns; NaN entries are left out and not counted, nor are zeros.

    Notes
    -----
    The statistic is the sum of the ranks that positive CARs take among absolute CARs; half of ``n (n + 1) / 2`` is
    expected. Up to 50 CARs without ties its p-value, twice the smaller tail, comes from the exact distribution, else
    from the normal one with the variance corrected for ties and without a correction for continuity.

    References
    ----------
    .. [1] Wilcoxon, F. (1945). Biometrics Bulletin 1(6), 80-83.
    .. [2] Lehmann, E. L. (1975). Nonparametrics: Statistical Methods Based on Ranks. Holden-Day, ch. 3.
    """
    null = "CARs symmetric about 0; independent firm-events"
    signed = cars[~np.isnan(cars) & (cars != 0)]
    n = len(signed)
    if n < 1:
        return not_applicable("wilcoxon", null, n, "no CAR other than zero")
    ranks = average_ranks(np.abs(signed)[None, :])[0]
    stat = float(ranks[signed > 0].sum())
    ties = np.unique(ranks, return_counts=True)[1]
    if n <= MOST_EXACT and (ties == 1).all():
        chances = _signed_rank_chances(n)
        tails = chances[: int(stat) + 1].sum(), chances[int(stat) :].sum()
        return SignificanceTest("wilcoxon", null, stat, min(1.0, float(2 * min(tails))), f"signed rank({n})", n)
    mean, variance = n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48
    pvalue = float(2 * ndtr(-abs(stat - mean) / np.sqrt(variance)))
    return SignificanceTest("wilcoxon", null, stat, pvalue, f"N({mean:g}, {variance:g})", n)


def _by_binomial(name: str, null: str, positive: int, n: int, share: float) -> SignificanceTest:
    stat = (positive - n * share) / np.sqrt(n * share * (1 - share))
    upper = bdtrc(positive - 1, n, share) if positive else 1.0
    pvalue = min(1.0, float(2 * min(bdtr(positive, n, share), upper)))
    return SignificanceTest(name, null, float(stat), pvalue, f"standardized binomial({n}, {share:.3g})", n)


def _signed_rank_chances(n: int) -> Float1D:
    """Return the probability of each rank sum 0, 1, ..., n (n + 1) / 2 when every sign is a fair coin."""
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1.0
    for rank in range(1, n + 1):
        ways[rank:] = ways[rank:] + ways[:-rank]
    return ways / 2.0**n
