# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="en"
# # Lesson 11 · How sure is 95 percent?
#
# **You will learn** to turn a single figure into a band; to find out *which* unknown makes the band wide; to tell a statement that survives the unknowns from one that does not; and to choose sites that are good whatever turns out to be true.
#
# **The story.** A New York paper prints: *"95 percent of people in Manhattan and the Bronx live within 15 minutes' walk of a library."* Reader Ms Ortiz, 78, writes back: *"Not at my pace. And your head counts are from 2010."* The editor asks you two things. What would one have to find out first to trust the figure: where people live, or how they walk? And does it matter for the five new branches the council wants?

# %% [markdown] lang="zh"
# # 第 11 课 95 % 有多可靠？
#
# **学习目标** 把一个数变成一个区间；找出是*哪一个*未知数使区间变宽；分清哪些结论经得起未知，哪些经不起；选出无论真相如何都不错的地点。
#
# **故事** 纽约一家报纸写道：*“曼哈顿和布朗克斯 95 % 的居民步行 15 分钟内有图书馆。”* 78 岁的读者奥尔蒂斯女士来信：*“按我的步子可不行。再说，你们的人口数还是 2010 年的。”* 编辑问你两件事：要相信这个数，最该先弄清什么，是人住在哪里，还是人走得多快？这对市议会要建的五处新分馆有没有影响？

# %%
import pandas as pd

import cultureplan as cp
from cultureplan.lab import CoverageExplorer
from cultureplan.lab.lesson_kit.pictures import band_chart

Uncertainty, uncertain = cp.uncertainty.Uncertainty, cp.uncertainty.uncertain_coverage

# %% [markdown] lang="en"
# ## 1. The figure
#
# Libraries (216 branches, list of 2016) and people (2,970,981 at 6,552 points of the 2010 census) are **real**. What is assumed: 80 m a minute, and ways 1.2 times as long as the straight line.

# %% [markdown] lang="zh"
# ## 1. 这个数
#
# 图书馆（216 处，2016 年名录）和人口（2010 年普查，6,552 个点，2,970,981 人）都是**真实**的。假定的是：每分钟走 80 米，路程是直线的 1.2 倍。


# %%
def on_foot(speed_m_per_minute=80, detour=1.2):
    """Fifteen minutes on foot at a speed, by ways so much longer than the straight line."""
    mode = cp.Walking(speed_m_per_minute=speed_m_per_minute, detour=detour)
    rule = cp.CircleRule(settlement="urban", limit=15, mode=mode)
    return cp.CircleStandard(id=f"15 min at {speed_m_per_minute}", rules=(rule,))


city = cp.load_world("newyork")
today = cp.measure_coverage(city, on_foot())
round(today.share, 4)

# %% [markdown] lang="en"
# Three things nobody knows exactly:
#
# - the **speed**: observed means lie between 60 and 90 m a minute,
# - the **detour**: 1.1 on a grid of paths to 1.4 on a sparse network,
# - the **head counts**: let us doubt each of the 6,552 points by 30 %, far more than a census office would admit.
#
# ## 2. Predict
#
# Which of them, *alone*, makes the band of the covered share widest? And which hardly matters? Answer with the one that matters **least**: `"speed"`, `"detour"` or `"head counts"`.

# %% [markdown] lang="zh"
# 三件谁也说不准的事：
#
# - **速度**：观测平均值在每分钟 60 到 90 米之间；
# - **绕行**：小路成网时 1.1，路网稀疏时 1.4；
# - **人口**：6,552 个点，每个点怀疑它有 30 % 的误差，远远超过普查部门肯承认的。
#
# ## 2. 先猜
#
# *单独*看，哪一个使覆盖率的区间最宽？哪一个几乎没有影响？请回答影响**最小**的：`"speed"`（速度）、`"detour"`（绕行）或 `"head counts"`（人口）。

# %% tags=["exercise"] exercise="11.1"
guess = ...
check("11.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# Draw each unknown fifteen times while the others stay as assumed; `band` gives the middle 90 %.

# %% [markdown] lang="zh"
# ## 3. 测算
#
# 每次只抽一个未知数，抽十五次，其余保持假定值；`band` 给出中间的 90 %。

# %%
known = {"speed_m_per_minute": (80, 80), "detour": (1.2, 1.2), "persons_spread_share": 0.0}
unknown = {
    "speed": {"speed_m_per_minute": (60, 90)},
    "detour": {"detour": (1.1, 1.4)},
    "head counts": {"persons_spread_share": 0.3},
}

# %%
bands = {}
for name, doubt in unknown.items():
    drawn = uncertain(city, on_foot(), rng=7, n_draws=15, uncertainty=Uncertainty(**{**known, **doubt}))
    bands[name] = drawn.band().loc["all"]
bands = pd.DataFrame(bands).T
bands["width"] = bands["high"] - bands["low"]
bands.round(4)

# %%
reveal("11.1", bands["width"].idxmin())

# %% [markdown] lang="en"
# **First surprise.** Doubting every head count by 30 % moves the share by less than half a percentage point; the walking speed moves it by twelve. Errors of 6,552 counts, each on its own, cancel out; an error in the speed hits everybody at once. A new census would not help Ms Ortiz's editor. A stopwatch would.
#
# **All at once:**

# %% [markdown] lang="zh"
# **意外之一** 每个点的人口怀疑 30 %，覆盖率只动不到半个百分点；步行速度却能动十二个百分点。六千多个各自独立的误差互相抵消，速度的误差却同时落在每个人头上。重新普查帮不了编辑，一块秒表就能。
#
# **一起来：**

# %%
together = uncertain(city, on_foot(), rng=2, n_draws=40)
bands.loc["together"] = together.band().loc["all"]
picture = band_chart(bands, lang=LANGUAGE)

# %% [markdown] lang="en"
# All at once, the middle 90 % reach from 82 to 97 percent. The printed 95 % lies in the *upper* part of the band: 80 m a minute with a detour of 1.2 is a fast walk on straight streets.
#
# ## 4. Hands on
#
# Turn the speed down to Ms Ortiz's 50 m a minute and see where the map changes colour first.

# %% [markdown] lang="zh"
# 一起变动时，中间 90 % 从 82 % 到 97 %。报上的 95 % 在区间的*上*部：每分钟 80 米、绕行 1.2，是快步走在直路上。
#
# ## 4. 动手
#
# 把速度调到奥尔蒂斯女士的每分钟 50 米，看地图最先在哪里变色。

# %%
CoverageExplorer(city, on_foot(), lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **How often is it true? (11.2)** In what share of the 40 draws of `together` is the covered share at least the printed one? (`together.draws["all"]` holds the draws, `together.baseline["all"]` the printed share.)

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **有多少次是真的？（11.2）** `together` 的 40 次抽取中，有多大比例的覆盖率不低于报上的数？（`together.draws["all"]` 是各次结果，`together.baseline["all"]` 是报上的数。）

# %% tags=["exercise"] exercise="11.2"
how_often = ...
check("11.2", how_often)

# %% tags=["solution"] exercise="11.2"
check("11.2", (together.draws["all"] >= together.baseline["all"]).mean())

# %% [markdown] lang="en"
# **What survives?** Manhattan and the Bronx, each with its band:

# %% [markdown] lang="zh"
# **什么经得起？** 曼哈顿与布朗克斯，各有各的区间：

# %%
boroughs = uncertain(city, on_foot(), rng=2, by="county", n_draws=24)
called = city.places.names
boroughs.band().join(boroughs.ranks(n_worst=1)["worst_share"]).rename(index=called).round(3)

# %% [markdown] lang="en"
# The two bands overlap, and still the Bronx is the worse served in *every single draw*: whoever walks slowly does so on both sides of the Harlem River. Levels are unsure, the order is sure. (Bands that overlap do not mean "no difference"; ask `ranks`.)
#
# **Modify (11.3).** Ms Ortiz walks 50 m a minute. What share is covered at *her* speed, with the detour left as it is? Stuck? `hint("11.3")`.

# %% [markdown] lang="zh"
# 两个区间互相重叠，可是*每一次*抽取都是布朗克斯更差：走得慢的人，在哈勒姆河两岸都慢。高低说不准，先后却说得准。（区间重叠不等于“没有差别”，要问 `ranks`。）
#
# **改一改（11.3）** 奥尔蒂斯女士每分钟走 50 米。按*她*的速度，绕行不变，覆盖率是多少？卡住了就运行 `hint("11.3")`。

# %% tags=["exercise"] exercise="11.3"
her_share = ...
check("11.3", her_share)

# %% tags=["solution"] exercise="11.3"
check("11.3", cp.measure_coverage(city, on_foot(50)).share)

# %% [markdown] lang="en"
# ## 6. Does it matter for the five branches?
#
# Sites on a grid of 600 m. For each of four speeds the five best branches, and then each plan judged at every speed.

# %% [markdown] lang="zh"
# ## 6. 对五处新分馆有影响吗？
#
# 候选点取 600 米网格。对四种速度各选最好的五处，再把每个方案放到每种速度下评判。

# %%
problems, plans = {}, {}
for speed in (60, 70, 80, 90):
    problems[speed] = cp.SitingProblem.from_world(
        city, on_foot(speed), candidates="grid", grid_spacing_m=600, level="branch", kind="library"
    )
    plans[speed] = cp.solve_siting(problems[speed], cp.MaximalCoverage(n_sites=5))
[plan.is_optimal for plan in plans.values()]

# %%
model = cp.MaximalCoverage(n_sites=5)
served = pd.DataFrame(
    {
        speed: [model.objective(problem, problem.mask(plan.selected)) for plan in plans.values()]
        for speed, problem in problems.items()
    },
    index=pd.Index(plans, name="plan for"),
)
regret = served.max() - served
regret.astype(int)

# %% [markdown] lang="en"
# A row is a plan, a column the truth, a cell the **regret**: how many persons more the best plan for that truth would serve.
#
# **The price of 80 (11.4).** The council plans for 80 m a minute; people walk 60. How many persons go without?

# %% [markdown] lang="zh"
# 一行是一个方案，一列是一种真相，格中是**后悔值**：在那种真相下，最好的方案能比它多服务多少人。
#
# **80 的代价（11.4）** 市议会按每分钟 80 米规划，人们实际走 60 米。有多少人因此落空？

# %% tags=["exercise"] exercise="11.4"
persons_lost = ...
check("11.4", persons_lost)

# %% tags=["solution"] exercise="11.4"
check("11.4", regret.loc[80, 60])

# %% [markdown] lang="en"
# **Second surprise.** The mistake is lopsided. Planning for 80 when people walk 60 costs 42,270 persons; planning for 60 when they walk 80 costs 8,572, a fifth. Not knowing the speed is no reason to wait: **plan for the slow**. It is also the plan Ms Ortiz would have chosen.
#
# ## 7. Make
#
# Choose five sites of the grid with a regret of at most 25,000 persons at *each* of the four speeds.

# %% [markdown] lang="zh"
# **意外之二** 错误是不对称的。按 80 规划而人们走 60，少服务 42,270 人；按 60 规划而人们走 80，只少 8,572 人，是前者的五分之一。不知道速度不是等下去的理由：**为走得慢的人规划**。这也正是奥尔蒂斯女士会选的方案。
#
# ## 7. 创作
#
# 在网格上选五处，使它在四种速度下的后悔值*都*不超过 25,000 人。

# %% tags=["exercise"] exercise="11.5"
my_five = ...  # ["grid-0001", ...]
check("11.5", my_five)

# %% tags=["solution"] exercise="11.5"
safest = regret.max(axis=1).idxmin()
print(safest, int(regret.max(axis=1).min()))
check("11.5", plans[safest])

# %% [markdown] lang="en"
# ## Limits of this model
#
# A band holds what was drawn and nothing else: no missing library, no closed door, no street. One speed holds for everybody in a draw, so the band shows what *we* do not know, not how people differ. Errors of head counts are drawn for each point on its own; a census that missed a whole quarter would do more harm. Some cells of the grid lie in water or parks.
#
# ## Sources
#
# Speeds: Finnis and Walton (2008). Detours: Newell (1980); O'Sullivan and Morrall (1996). Regret: Savage (1951), The theory of statistical decision. New York: NYC Open Data; census points of Máximo, Cordeau and Nascimento (2023).

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 区间只含抽过的东西：没有漏登的馆、没有关着的门、没有街道。同一次抽取中所有人速度相同，所以区间说的是*我们*不知道什么，不是人与人的差别。人口误差是逐点独立抽取的；如果普查漏掉整个片区，危害会更大。网格中有些点落在水面或公园里。
#
# ## 资料来源
#
# 速度：Finnis 与 Walton（2008）。绕行：Newell（1980）、O'Sullivan 与 Morrall（1996）。后悔值：Savage（1951）。纽约：NYC Open Data，普查点据 Máximo、Cordeau 与 Nascimento（2023）。
