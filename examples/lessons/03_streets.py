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
# # Lesson 3 · Straight line against streets
#
# **You will learn** to measure the same circle along real streets; to cross two measurements and see *who* is judged wrongly, not only how many; why one factor cannot mend it; and what a wrong ruler costs when sites are chosen.
#
# **The story.** In the centre of Wuhan, where the Han flows into the Yangtze, a reader named Tan (invented) lives across a lake from her library. The planner's map says she is inside its 15-minute circle. *"Let him walk it,"* she says, *"and tell me whether he swims."*

# %% [markdown] lang="zh"
# # 第 3 课 直线与街道
#
# **学习目标** 会沿真实街道测算同一个圈；会把两次测算交叉起来，看*谁*被误判，而不只是多少人；明白为什么一个系数补救不了；算出量错了尺子，选址时要付多少代价。
#
# **故事** 武汉市中心，汉江汇入长江的地方，读者老谭（虚构人物）住在湖的这一边，图书馆在那一边。规划图说她在 15 分钟圈内。*“让他走走看，”*她说，*“看他是不是得游过来。”*

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import CoverageExplorer
from cultureplan.lab.lesson_kit.choosing import with_sites

# %% [markdown] lang="en"
# ## 1. Real streets
#
# The streets are real (© OpenStreetMap contributors, simplified by the neatnet project); the people, two for each metre of ordinary street, and the libraries are set on them by rule. Read this as a lesson about measuring, not about Wuhan's libraries.

# %% [markdown] lang="zh"
# ## 1. 真实的街道
#
# 街道是真实的（© OpenStreetMap 贡献者，由 neatnet 项目简化）；人口（普通街道每米两人）和图书馆按规则推定。这里学的是测量方法，不是评价武汉的图书馆。

# %%
world = cp.load_world("wuhan")
on_foot = cp.Streets(speed_m_per_minute=80)
plotting.streets_map(world, on_foot, limit=[5, 15], lang=LANGUAGE)


# %%
def circle(name, mode, limit=15):
    """Within so many minutes by a way of travelling."""
    rule = cp.CircleRule(settlement="urban", limit=limit, mode=mode)
    return cp.CircleStandard(id=name, rules=(rule,))


persons = world.demand.persons
by_line = cp.measure_coverage(world, circle("line", cp.Walking(speed_m_per_minute=80, detour=1.2)))
by_line.share

# %% [markdown] lang="en"
# ## 2. Predict
#
# By the straight line, with the usual detour of 1.2, 87 % of the people are within 15 minutes. What share is it **along the streets**?
#
# - a: about 85 %
# - b: about 81 %
# - c: about 76 %

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 按直线、取常用的绕行系数 1.2，87 % 的人在 15 分钟以内。**沿街道**是多少？
#
# - a：约 85 %
# - b：约 81 %
# - c：约 76 %

# %% tags=["exercise"] exercise="3.1"
guess = ...  # "a", "b", "c"
check("3.1", guess)

# %% [markdown] lang="en"
# ## 3. Run

# %% [markdown] lang="zh"
# ## 3. 运行

# %%
by_streets = cp.measure_coverage(world, circle("streets", on_foot))
pd.crosstab(
    by_line.is_covered.rename("line"),
    by_streets.is_covered.rename("streets"),
    values=persons,
    aggfunc="sum",
)

# %%
plotting.agreement_map(by_line, by_streets, lang=LANGUAGE)

# %%
reveal("3.1", "c" if abs(by_streets.share - 0.76) < 0.01 else "b")

# %% [markdown] lang="en"
# In Wuchang, between lakes and large blocks, it is 67 % instead of 82 %. Some err the other way: their street is straighter than 1.2.

# %% [markdown] lang="zh"
# 武昌多湖泊和大街区，是 67 % 而不是 82 %。也有人恰好相反：他们的路比 1.2 倍更直。

# %%
pd.DataFrame({c.standard.id: c.by("county")["covered_share"] for c in (by_line, by_streets)}).round(3)

# %% [markdown] lang="en"
# ## 4. Hands on
#
# The map measures by the line first. Tick *along the streets* and watch who falls out. Find Tan's lake.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 地图先按直线测算。勾选“沿街道”，看谁掉出圈外。找到老谭的那个湖。

# %%
CoverageExplorer(world, by_line.standard, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **Wrongly promised (3.2).** How many people are inside by the line and *not* within 15 minutes along the streets? `coverage.is_covered` is true or false for every point; `&` means and, `~` means not.

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **空头承诺（3.2）** 有多少人按直线在圈内，沿街道却*不*在 15 分钟以内？`coverage.is_covered` 对每个点为真或假；`&` 是“并且”，`~` 是“非”。

# %% tags=["exercise"] exercise="3.2"
promised = ...
check("3.2", promised)

# %% tags=["solution"] exercise="3.2"
promised = persons[by_line.is_covered & ~by_streets.is_covered].sum()
check("3.2", promised)

# %% [markdown] lang="en"
# **A better factor? (3.3)** With a detour of about 1.385 both ways cover 76 %. The headline is mended. How many people are *still* judged wrongly, in either direction? `is_covered != is_covered` is true where the two disagree.

# %% [markdown] lang="zh"
# **换个系数？（3.3）** 绕行系数取约 1.385 时，两种量法都覆盖 76 %，总数对上了。此时*仍*被误判的（两个方向合计）有多少人？`is_covered != is_covered` 在两者不一致处为真。

# %%
mended = cp.measure_coverage(world, circle("mended", cp.Walking(speed_m_per_minute=80, detour=1.385)))
round(mended.share, 3), round(by_streets.share, 3)

# %% tags=["exercise"] exercise="3.3"
wrong = ...
check("3.3", wrong)

# %% tags=["solution"] exercise="3.3"
wrong = persons[mended.is_covered != by_streets.is_covered].sum()
check("3.3", wrong)

# %% [markdown] lang="en"
# **Surprise.** The share is right to the decimal, and one person in eight is judged wrongly: nearly as many as with 1.2. Half of them are now wrongly *outside*. A factor is an average over everybody; a person lives on one side of one lake. A total that is right does not make the places right.

# %% [markdown] lang="zh"
# **意外** 总数分毫不差，却有八分之一的人被误判，与 1.2 时几乎一样多，只是其中一半变成被误判在*圈外*。系数是所有人的平均，而每个人都住在某个湖的某一边。总数正确，不等于地点正确。

# %%
late = (by_streets.points["nearest_cost"] - by_line.points["nearest_cost"]).nlargest(3)
x, y = world.demand.xy[world.demand.positions(late.index[:1])[0]]
here = (x - 1_600, y - 1_100, x + 1_600, y + 1_100)
plotting.agreement_map(by_line, by_streets, extent=here, legend=False, lang=LANGUAGE)

# %% [markdown] lang="en"
# Here the line errs most: Tan's neighbours have a library 9 to 15 minutes away by the line, 25 to 30 on foot.

# %% [markdown] lang="zh"
# 直线在这里误差最大：老谭的邻居按直线 9 至 15 分钟，步行却要 25 至 30 分钟。

# %% [markdown] lang="en"
# ## 6. Modify
#
# Older readers walk 50 metres a minute. What share of the people is within 15 minutes **along the streets** then (3.4)? Stuck? `hint("3.4")`.

# %% [markdown] lang="zh"
# ## 6. 改一改
#
# 老年读者每分钟走 50 米。这时**沿街道** 15 分钟以内的人占多大比例（3.4）？卡住了就运行 `hint("3.4")`。

# %% tags=["exercise"] exercise="3.4"
share = ...
check("3.4", share)

# %% tags=["solution"] exercise="3.4"
check("3.4", cp.measure_coverage(world, circle("slow", cp.Streets(speed_m_per_minute=50))).share)

# %% [markdown] lang="en"
# ## 7. Make: what a wrong ruler costs
#
# Choose **five** new libraries so that, *along the streets*, at least **95,000 more people** are within 15 minutes. Below, the solver chooses by the line, proven best for its ruler. Is that enough?

# %% [markdown] lang="zh"
# ## 7. 创作：量错尺子的代价
#
# 选**五**处新馆，使*沿街道* 15 分钟以内至少**增加 95,000 人**。下面先让求解器按直线选，对它那把尺子而言已证明最优。够了吗？


# %%
def chosen_by(standard):
    """The five sites that add most by a standard, with proof."""
    problem = cp.SitingProblem.from_world(world, standard)
    return cp.solve_siting(problem, cp.MaximalCoverage(n_sites=5)).opened


sites = chosen_by(by_line.standard)
after = cp.measure_coverage(with_sites(world, sites), by_streets.standard)
sites, after.persons - by_streets.persons

# %% tags=["exercise"] exercise="3.5"
my_sites = ...
check("3.5", my_sites)

# %% tags=["solution"] exercise="3.5"
check("3.5", chosen_by(by_streets.standard))

# %% [markdown] lang="en"
# Both answers are proven optimal, each for its own ruler. On the ground the five chosen by the line serve 78,000 more people, the five chosen by the streets 100,000: over a quarter more for the same money. A proof is only as good as the distances it was given.

# %% [markdown] lang="zh"
# 两个答案都经证明最优，但各按各的尺子。落到地面上，按直线选的五处多服务 7.8 万人，按街道选的多服务 10 万人：钱一样多，多出四分之一以上。证明再好，也好不过给它的距离。

# %% [markdown] lang="en"
# ## Limits of this model
#
# There are no footpaths inside housing compounds and no crossings, stairs or gates: real walks can be shorter or longer. The simplified streets join carriageways; a road tunnel under the Yangtze counts as walkable, but nobody gets through it within 15 minutes. People stand in the middle of their street.
#
# ## Sources
#
# Streets: © OpenStreetMap contributors, ODbL, in the simplification of Fleischmann, Vybornova, Gaboardi and others, neatnet (2025). People and libraries by rule: `cp.datasets.source_page("wuhan")`. Detour factors: Boscoe, Henry and Zdeb (2012), The Professional Geographer 64.

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 没有小区内部的步行小路，也没有路口、台阶和大门，实际路程可短可长。简化后的街道合并了车道；长江隧道被当作可步行，不过 15 分钟内没有人能走过去。人口都放在街道中点。
#
# ## 资料来源
#
# 街道：© OpenStreetMap 贡献者，ODbL，采用 Fleischmann、Vybornova、Gaboardi 等 neatnet（2025）的简化结果。人口与图书馆按规则推定：`cp.datasets.source_page("wuhan")`。绕行系数：Boscoe、Henry 与 Zdeb（2012），The Professional Geographer 64。
