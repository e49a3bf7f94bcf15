"""Draw the pictures of the siting pages into docs/images: python docs/snippets/siting_pictures.py."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import cultureplan as cp

IMAGES = Path(__file__).resolve().parents[1] / "images"
TEAL, ORANGE, GREY = "#00796b", "#e64a19", "#757575"


def draw_anywhere() -> None:
    """Three homes, their circles, and the part that all circles have in common."""
    homes, limit_m = np.array([[0.0, 0.0], [1_000.0, 0.0], [500.0, 866.0]]), 600.0
    best = cp.dominating_points(homes, limit_m)
    fig, ax = plt.subplots(figsize=(4.2, 4.0))
    for home in homes:
        ax.add_patch(plt.Circle(home, limit_m, facecolor=TEAL, alpha=0.15, edgecolor=TEAL))
        ax.add_patch(plt.Circle(home, limit_m, fill=False, edgecolor=TEAL))
    ax.scatter(*homes.T, c=GREY, zorder=3)
    ax.scatter(*best.T, c=ORANGE, s=90, marker="*", zorder=4)
    ax.set(xlim=(-650, 1_650), ylim=(-650, 1_520), aspect="equal")
    ax.axis("off")
    fig.savefig(IMAGES / "siting-anywhere.png", dpi=150, bbox_inches="tight")


def draw_front() -> None:
    """The curve of coverage, and the front of coverage against equality."""
    world, standard = cp.load_world("sanheyuan"), cp.load_circles("ordos-2014")
    problem = cp.SitingProblem.from_world(
        world, standard, candidates="demand", places=world.demand.settlement
    )
    fig, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2))
    curve = cp.coverage_curve(problem, 10)
    left.plot(curve["n_sites"], curve["persons"], "o-", color=TEAL)
    left.set(xlabel="new sites", ylabel="persons covered", title="The curve of coverage")
    for number, colour in ((4, GREY), (6, TEAL)):
        front = cp.pareto_front(problem, against="equality", n_sites=number)
        right.plot(front["persons"], front["smallest_share"], "o-", color=colour, label=f"{number} new sites")
    right.set(xlabel="persons covered", ylabel="share of the group worst off", title="The price of equality")
    right.legend(frameon=False)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    fig.tight_layout()
    fig.savefig(IMAGES / "siting-front.png", dpi=150)


if __name__ == "__main__":
    draw_anywhere()
    draw_front()
