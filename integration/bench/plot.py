"""Bars of seconds and of the application's 99th percentile, a row of two plots for each table and load."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

FIGURES = (("seconds", "seconds"), ("p99", "application's p99, ms"))


def plot(measured, path):
    """`measured`: {title: {tool: {figure: value}}}"""
    figure, axes = plt.subplots(len(measured), 2, figsize=(11, 2.4 * len(measured)), squeeze=False, constrained_layout=True)
    for row, (title, tools) in zip(axes, measured.items()):
        names = list(tools)[::-1]
        for axis, (key, label) in zip(row, FIGURES):
            values = [tools[name].get(key) for name in names]
            if None in values:
                axis.set_visible(False)
                continue
            axis.barh(names, values, color=["#c04040" if name.startswith("pgwraith") else "#8090a0" for name in names])
            axis.bar_label(axis.containers[0], fmt="%.1f", padding=3)
            axis.margins(x=0.15)
            axis.set_xlabel(label)
            axis.set_title(title, fontsize=10, loc="left")
            axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)
