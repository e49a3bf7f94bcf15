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
# # Lesson 5 · Siting I: greedy against exact
#
# **You will learn** to ask "which ones?" in two ways, most people for a number of sites (MCLP) and fewest sites for all people (LSCP); to read a bound as a proof; to know when choosing one after the other is good enough and when it is not; and to show a council the curve instead of a number.
#
# **The story.** Only 4 of Chicago's 77 libraries open on Sundays. Commissioner Reyes (invented) has money for **twelve**. *"Take the one that reaches most people,"* says her deputy, *"then the one that adds most to it, then the next. Twelve times. What could go wrong?"*

# %% [markdown] lang="zh"
# # 第 5 课 选址（一）：贪心与精确
#
# **学习目标** 会用两种方式问“选哪些”：给定处数覆盖最多的人（MCLP），覆盖所有人用最少的处数（LSCP）；会把“界”读成证明；知道什么时候一处接一处地选就够好，什么时候不行；会给议会看一条曲线，而不是一个数。
#
# **故事** 芝加哥 77 处图书馆只有 4 处星期天开门。雷耶斯局长（虚构人物）的钱够开**十二处**。*“先开覆盖人最多的一处，”*副手说，*“再开新增人最多的一处，再下一处，做十二遍。还能错到哪儿去？”*

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import SitingStudio
from cultureplan.lab.lesson_kit.choosing import all_closed, city_of_chicago, greedy_curve, with_sites

# %% [markdown] lang="en"
# ## 1. A Sunday on which everything is closed
#
# Libraries and people of the city are real (lesson 4). Within reach on a Sunday: 3 km, straight line. All 77 are candidates; none is open yet.

# %% [markdown] lang="zh"
# ## 1. 一个全部关门的星期天
#
# 图书馆和市区人口是真实的（第 4 课）。星期天的可达：直线 3 公里。77 处都是候选，一处都还没开。

# %%
city = city_of_chicago(cp.load_world("chicago"))
names = city.facilities.frame.set_index("facility_id")["name"]
rule = cp.CircleRule(settlement="urban", limit=3_000, mode=cp.StraightLine())
standard = cp.CircleStandard(id="3 km", rules=(rule,))
sunday = all_closed(city)
problem = cp.SitingProblem.from_world(sunday, standard)
problem

# %% [markdown] lang="en"
# ## 2. Predict
#
# The deputy's way, one after the other, against the best twelve of all 37 million million ways. How much does the deputy's way miss?
#
# - a: nothing
# - b: about 4 % of the people the best twelve reach
# - c: about a third

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 副手的办法是一处接一处地选；与所有约 37 万亿种选法中最好的十二处相比，会少多少？
#
# - a：一点不少
# - b：约少 4 %
# - c：约少三分之一

# %% tags=["exercise"] exercise="5.1"
guess = ...  # "a", "b", "c"
check("5.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# The maximal covering location problem (Church and ReVelle 1974). The answer comes with a **bound**: no twelve libraries can reach more. Where answer and bound meet, it is a proof, not an opinion.

# %% [markdown] lang="zh"
# ## 3. 运行
#
# 最大覆盖选址问题（Church 与 ReVelle，1974）。答案附带一个**界**：任何十二处都不可能覆盖更多。答案与界相等时，这是证明，不是意见。

# %%
greedy = greedy_curve(problem, 12)
best = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=12))
print(best.summary(LANGUAGE))

# %%
lost = best.objective - greedy["persons"].iloc[-1]
reveal("5.1", "b" if 0.03 < lost / best.objective < 0.05 else "a")

# %%
pd.DataFrame({"greedy": names[greedy["facility_id"]].tolist(), "best": names[list(best.opened)].tolist()})

# %% [markdown] lang="en"
# **Surprise.** The deputy's very first choice, the one library that reaches most people of all, is *not among the best twelve*. It stands in the middle of a dense quarter; two others at its sides reach more between them. Whoever begins with it is never rid of it.

# %% [markdown] lang="zh"
# **意外** 副手的第一选择，也就是单独覆盖人最多的那一处，*不在*最好的十二处里。它在稠密片区的正中间，两侧各开一处合起来更多。谁从它开始，就再也甩不掉它。

# %%
before = cp.measure_coverage(sunday, standard)
after = cp.measure_coverage(with_sites(sunday, best.opened), standard)
plotting.siting_map(before, after, order=best.opened, lang=LANGUAGE)

# %% [markdown] lang="en"
# ## 4. Hands on: beat the solver
#
# Click twelve libraries open. Then press *solve* and compare. Who gets above 1.8 million by hand?

# %% [markdown] lang="zh"
# ## 4. 动手：挑战求解器
#
# 在地图上点开十二处，再按“求解”比一比。谁能亲手超过 180 万？

# %%
SitingStudio(sunday, standard, n_sites=12, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **The twelve biggest (5.2).** Take the twelve libraries that reach most people each on its own (`alone`), and open them together. How many people are then within reach?

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **最大的十二处（5.2）** 取各自单独覆盖人最多的十二处（`alone`），一起开放。可达的共有多少人？

# %%
pairs = problem.costs.to_frame().merge(city.demand.persons.rename("persons"), on="demand_id")
alone = pairs.groupby("facility_id")["persons"].sum().nlargest(12)
alone.head(3)

# %% tags=["exercise"] exercise="5.2"
together = ...
check("5.2", together)

# %% tags=["solution"] exercise="5.2"
together = cp.measure_coverage(with_sites(sunday, alone.index), standard).persons
check("5.2", together)

# %% [markdown] lang="en"
# **The price of haste (5.3).** How many more people do the best twelve reach than the twelve chosen one after the other?

# %% [markdown] lang="zh"
# **图省事的代价（5.3）** 最好的十二处比一处接一处选出的十二处多覆盖多少人？

# %% tags=["exercise"] exercise="5.3"
more = ...
check("5.3", more)

# %% tags=["solution"] exercise="5.3"
check("5.3", best.objective - greedy["persons"].iloc[-1])

# %% [markdown] lang="en"
# **And in Shizuishan?** Five, ten new reading rooms with circles of 1 km, beside those there are:

# %% [markdown] lang="zh"
# **石嘴山呢？** 在现有设施之外新开五处、十处书屋，圈半径 1 公里：

# %%
other = cp.SitingProblem.from_world(cp.load_world("shizuishan"), cp.load_circles("shizuishan-2021"))
step_by_step = greedy_curve(other, 10)["persons"]
exact = cp.coverage_curve(other, range(1, 11))["persons"]
(exact - step_by_step).tolist()

# %% [markdown] lang="en"
# **Second surprise.** Here greedy is the best at every step: small circles far apart hardly overlap, and nothing that is chosen first stands in the way later. But *that* you know only because the exact answer is beside it. Greedy alone never says how far it is from the best; the theory promises 63 % of it, no more.

# %% [markdown] lang="zh"
# **意外之二** 在这里，贪心的每一步都是最优：小圈相距远，几乎不重叠，先选的不会挡住后面的。但你*之所以*知道，是因为旁边有精确解。贪心自己从不说离最优有多远，理论只保证 63 %。

# %% [markdown] lang="en"
# ## 6. Modify: the other question
#
# Turn it round (location set covering, Toregas and others 1971): what is the **smallest number** of libraries that reaches *everybody who can be reached*? `cp.SetCover(unreachable="skip")` leaves out the 52,804 people whom no library reaches. And how many for 90 % of the people (5.4)? Add `share=0.9`.

# %% [markdown] lang="zh"
# ## 6. 改一改：反过来问
#
# 反过来（集合覆盖选址，Toregas 等，1971）：覆盖*所有可能覆盖的人*，**最少**要几处？`cp.SetCover(unreachable="skip")` 略去任何馆都够不着的 52,804 人。只要覆盖 90 % 的人呢（5.4）？加上 `share=0.9`。

# %%
everybody = cp.solve_siting(problem, cp.SetCover(unreachable="skip"))
everybody.objective, everybody.bound

# %% tags=["exercise"] exercise="5.4"
n_for_ninety = ...
check("5.4", n_for_ninety)

# %% tags=["solution"] exercise="5.4"
check("5.4", cp.solve_siting(problem, cp.SetCover(share=0.9, unreachable="skip")).objective)

# %% [markdown] lang="en"
# The last tenth costs nearly as many libraries as the first nine. That is why a council should see the curve before it hears a number:

# %% [markdown] lang="zh"
# 最后十分之一的人，要用差不多与前十分之九一样多的馆。所以议会应当先看曲线，再听数字：

# %%
curve = cp.coverage_curve(problem, range(0, 25, 3))
plotting.coverage_curve(curve, lang=LANGUAGE)

# %% [markdown] lang="en"
# ## 7. Make
#
# Bad news: Hall, Rogers Park and Uptown (`CPL-033`, `CPL-061`, `CPL-070`), three of the best twelve, are closed for repairs. Find **twelve others** that still reach at least **1,840,000** people. Simply leaving three out will not do. `forbidden=` is an argument of `SitingProblem.from_world`.

# %% [markdown] lang="zh"
# ## 7. 创作
#
# 坏消息：最好的十二处里，Hall、Rogers Park 和 Uptown（`CPL-033`、`CPL-061`、`CPL-070`）停业维修。请找出**另外十二处**，仍覆盖至少 **1,840,000** 人。光把三处去掉是不够的。`forbidden=` 是 `SitingProblem.from_world` 的参数。

# %% tags=["exercise"] exercise="5.5"
my_sites = ...
check("5.5", my_sites)

# %% tags=["solution"] exercise="5.5"
repairs = ("CPL-033", "CPL-061", "CPL-070")
without = cp.SitingProblem.from_world(sunday, standard, forbidden=repairs)
check("5.5", cp.solve_siting(without, cp.MaximalCoverage(n_sites=12)))

# %% [markdown] lang="en"
# Losing three of the best twelve costs 1.4 % when all twelve are chosen anew. Good plans are seldom the only good plans.
#
# ## Limits of this model
#
# Three kilometres are near, and 3,001 are not: a circle knows no "nearly". Each person counts once, wherever they work. Sundays are not paid for by people reached. A proof is about the model: it says nothing about the head counts of 2010.
#
# ## Sources
#
# Church and ReVelle (1974), Papers of the Regional Science Association 32; Toregas, Swain, ReVelle and Bergman (1971), Operations Research 19; Nemhauser, Wolsey and Fisher (1978), Mathematical Programming 14, for the 63 %. Data as in lesson 4; hours of 2019: four libraries open on Sundays.

# %% [markdown] lang="zh"
# 失去最好十二处中的三处，只要十二处全部重选，损失只有 1.4 %。好方案很少是唯一的。
#
# ## 模型的局限
#
# 3 公里算近，3,001 米就不算：圈没有“差不多”。每人只算一次，不管在哪里上班。星期天开门的经费也不是按覆盖人数拨的。证明只针对模型，与 2010 年的人口数准不准无关。
#
# ## 资料来源
#
# Church 与 ReVelle（1974），Papers of the Regional Science Association 32；Toregas、Swain、ReVelle 与 Bergman（1971），Operations Research 19；63 % 见 Nemhauser、Wolsey 与 Fisher（1978），Mathematical Programming 14。数据同第 4 课；按 2019 年的开放时间，四处馆星期天开门。
