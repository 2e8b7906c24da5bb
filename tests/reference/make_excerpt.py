"""Take a few dozen numbers from other software's answers, for the machines that do not have all of them.

Reads independent.json, eventstudy.json.gz (R package EventStudy 0.50.0) and estudy2.json.gz (R package estudy2 0.10.0)
and writes excerpt.json beside this script. Run: python tests/reference/make_excerpt.py ../shared/reference
"""

import gzip
import json
import sys
from pathlib import Path

DAY, KIND, N_OBS = "2022-02-24", "log", 120


def opened(path: Path) -> dict:
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


def at(series: list, *offsets: int) -> list:
    return [series[offset + 5] for offset in offsets]


def independent(folder: Path) -> dict:
    every = opened(folder / "independent.json")[f"2020_2022|{DAY}|{KIND}|est_{N_OBS}"]
    return {
        **{key: every[key] for key in ("firms", "alpha", "beta", "sigma", "rbar")},
        "AR_day_0": [at(row, 0)[0] for row in every["AR"]],
        "AR_se_day_0": [at(row, 0)[0] for row in every["AR_se"]],
        "CAR_t_whole_window": [at(row, 5)[0] for row in every["CAR_t"]],
        **{
            f"{name}_{span}": at(every[f"{name}_{span}"], 0, 1, 5)
            for name in ("bmp", "kp", "csect") for span in ("day", "cum")
        },
        **{key: at(every[key], 0, 1, 5) for key in (
            "patell_day", "patell_cum_exact", "adjusted_patell_day", "portfolio_t", "portfolio_CAR_t")},
    }  # fmt: skip


def eventstudy(folder: Path) -> dict:
    every = opened(folder / "eventstudy.json.gz")
    alone, pooled = (every[f"{day}|{KIND}|MarketModel|est_m130_m11"] for day in (DAY, "pooled"))
    firm = {row["firm"]: row for row in alone["firms"]}["NTR"]
    multi = alone["multi"]
    return {
        "NTR": {
            "alpha": firm["model"]["alpha"], "beta": firm["model"]["beta"], "sigma": firm["model"]["sigma"],
            "AR": at(firm["ART"]["abnormal_returns"], -1, 0, 1), "AR_se": at(firm["model"]["fec_sigma"], -1, 0, 1),
            "CAR": firm["CART"]["car"][-1], "car_t": firm["CART"]["car_t"][-1],
        },
        "aar": at(multi["CSectT"]["aar"], -1, 0, 1), "aar_t": at(multi["CSectT"]["aar_t"], -1, 0, 1),
        "caar_t": multi["CSectT"]["caar_t"][-1], "aar_z": at(multi["PatellZ"]["aar_z"], -1, 0, 1),
        "caar_z": multi["PatellZ"]["caar_z"][-1], "bmp_t": at(multi["BMP"]["bmp_t"], -1, 0, 1),
        "kp_t": at(multi["KP"]["kp_t"], -1, 0, 1), "pooled_bmp_t": at(pooled["multi"]["BMP"]["bmp_t"], -1, 0, 1),
        "pooled_kp_t": at(pooled["multi"]["KP"]["kp_t"], -1, 0, 1),
    }  # fmt: skip


def estudy2(folder: Path) -> dict:
    every = opened(folder / "estudy2.json.gz")
    names = {"sim": "market", "mrkt_adj": "market_adjusted", "mean_adj": "mean_adjusted"}
    out = {}
    for theirs, ours in names.items():
        found = every[f"{DAY}|{KIND}|{theirs}|est_{N_OBS}"]
        keys = [key for key in ("mean", "t_test_stat", "pt_stat", "bh_stat", "lmb_stat") if key in found["parametric"]]
        out[ours] = {key: at(found["parametric"][key], -1, 0, 1) for key in keys}
    return out


def main(folder: Path) -> None:
    excerpt = {
        "event": {"day": DAY, "kind": KIND, "n_obs": N_OBS},
        "independent": independent(folder), "eventstudy": eventstudy(folder), "estudy2": estudy2(folder),
    }  # fmt: skip
    text = json.dumps(excerpt, indent=1) + "\n"
    Path(__file__).with_name("excerpt.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
