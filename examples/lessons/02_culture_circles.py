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
# # Lesson 2 · Culture circles and coverage
#
# **You will learn** to turn a sentence of policy ("a 15-minute circle") into something that can be measured; to count people inside and outside; to tell *outside* from *nobody said*; and to ask of every share: at what speed, and of whom?
#
# **The story.** In 2021 Shizuishan, a city of 751,389 people in Ningxia, promised its towns a *15-minute public culture circle*. Deputy mayor Ma (she is invented, the promise is not) must report one number: how many people live inside? A colleague whispers: *"Whatever you need, I can make it."* Can he?

# %% [markdown] lang="zh"
# # 第 2 课 文化圈与覆盖率
#
# **学习目标** 会把政策里的一句话（“15 分钟圈”）变成可以测算的规则；会数圈内圈外的人；分清“在圈外”与“没有规定”；对每个覆盖率都会问：按什么速度？占谁的比例？
#
# **故事** 2021 年，宁夏石嘴山市（751,389 人）提出打造“城市15分钟公共文化服务圈”。马副市长（人物虚构，文件真实）要上报一个数：圈内有多少人？一位同事悄悄说：*“您要多少，我就能算出多少。”* 他真能吗？

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import CoverageExplorer

# %% [markdown] lang="en"
# ## 1. A sentence becomes a rule
#
# The plan says *15 minutes* and nothing about how people travel. So the way of reading it is a named setting, printed with every result: on foot, 80 metres a minute, paths 1.2 times as long as the straight line.

# %% [markdown] lang="zh"
# ## 1. 从一句话到一条规则
#
# 文件只写“15 分钟”，没写怎么去。因此“怎么读”是有名字的设置，并随结果一起给出：步行、每分钟 80 米、路径为直线的 1.2 倍。

# %%
world = cp.load_world("shizuishan")
standard = cp.load_circles("shizuishan-2021")
standard.settings_frame(LANGUAGE).iloc[:2]

# %%
coverage = cp.measure_coverage(world, standard)
coverage.summary(LANGUAGE)

# %% [markdown] lang="en"
# 84 % of the townspeople are inside. The villages have **no rule**: the plan promises them nothing, so 165,892 people are *not assessed*. Silence is not zero, and it is not coverage either.

# %% [markdown] lang="zh"
# 城镇居民的 84 % 在圈内。农村**没有规定**：文件没有承诺什么，所以 165,892 人“未评价”。没有规定不等于零，也不等于已覆盖。

# %%
plotting.coverage_map(coverage, lang=LANGUAGE)

# %% [markdown] lang="en"
# ## 2. Predict
#
# 80 metres a minute is a brisk adult. Many people over 70 walk 50. The facilities stay, the people stay, the paper stays. What share is inside the circle at **50 metres a minute**? Write a number between 0 and 1.

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 每分钟 80 米是腿脚利索的成年人。许多七十岁以上的老人每分钟走 50 米。设施不变，人不变，文件也不变。按**每分钟 50 米**，圈内占多大比例？写一个 0 到 1 之间的数。

# %% tags=["exercise"] exercise="2.1"
guess = ...
check("2.1", guess)

# %% [markdown] lang="en"
# ## 3. Run

# %% [markdown] lang="zh"
# ## 3. 运行


# %%
def share_at(**reading):
    """The share covered when the paper is read in another way."""
    return cp.measure_coverage(world, cp.load_circles("shizuishan-2021", **reading)).share


by_speed = pd.Series({v: share_at(speed_m_per_minute=v) for v in (50, 70, 80, 95)}, name="share")
by_speed.rename_axis("m_per_minute").round(3)

# %%
reveal("2.1", by_speed[50])

# %% [markdown] lang="en"
# **Surprise.** From 88 % to 40 % by a number the paper does not name. The colleague was right: whoever chooses the speed chooses the headline. Nobody cheated; somebody left out a sentence.

# %% [markdown] lang="zh"
# **意外** 从 88 % 到 40 %，只因为一个文件没有写的数。同事没说错：谁定速度，谁就定了新闻标题。没有人作假，只是有人少写了一句话。

# %% [markdown] lang="en"
# ## 4. Hands on
#
# Move the sliders for speed and detour and watch the circles breathe. Click on the map to open a facility, drag it, close one. Find a facility that can be closed without anybody falling out of the circle.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 拖动速度和绕行系数，看圈怎样“呼吸”。在地图上点击可以新增设施，也可以拖动、关闭。找一处关闭后没有任何人掉出圈外的设施。

# %%
CoverageExplorer(world, standard, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **Outside (2.2).** How many people have a circle promised to them and live outside it? `coverage.uncovered()` lists the places, nearest facility and all.

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **圈外（2.2）** 有多少人，文件承诺了圈，却住在圈外？`coverage.uncovered()` 列出这些地点及其最近的设施。

# %% tags=["exercise"] exercise="2.2"
outside = ...
check("2.2", outside)

# %% tags=["solution"] exercise="2.2"
outside = coverage.uncovered()["persons"].sum()
check("2.2", outside)

# %% [markdown] lang="en"
# **The circle itself (2.3).** 15 minutes at 80 metres a minute, along paths 1.2 times as long as the straight line: what is the radius of the circle on the map, in metres?

# %% [markdown] lang="zh"
# **圈有多大（2.3）** 15 分钟，每分钟 80 米，路径是直线的 1.2 倍：地图上圈的半径是多少米？

# %% tags=["exercise"] exercise="2.3"
radius_m = ...
check("2.3", radius_m)

# %% tags=["solution"] exercise="2.3"
check("2.3", 15 * 80 / 1.2)

# %% [markdown] lang="en"
# **Twice inside (2.4).** How many people live inside **two or more** circles? `coverage.points` has a column `n_circles`. These people lose nothing if one facility closes for repairs.

# %% [markdown] lang="zh"
# **双重覆盖（2.4）** 有多少人同时住在**两个及以上**的圈内？`coverage.points` 里有 `n_circles` 一列。一处设施停业维修，这些人不受影响。

# %% tags=["exercise"] exercise="2.4"
twice = ...
check("2.4", twice)

# %% tags=["solution"] exercise="2.4"
points = coverage.points
check("2.4", points["persons"][points["n_circles"] >= 2].sum())

# %% [markdown] lang="en"
# ## 6. Modify
#
# Planners often take a detour of 1.2. A city of walled compounds may have 1.4. What share is covered then, at 80 metres a minute (2.5)? `share_at` takes `detour=` too. Stuck? `hint("2.5")`.

# %% [markdown] lang="zh"
# ## 6. 改一改
#
# 规划常取绕行系数 1.2，围墙小区多的城市可能是 1.4。仍按每分钟 80 米，覆盖率是多少（2.5）？`share_at` 也接受 `detour=`。卡住了就运行 `hint("2.5")`。

# %% tags=["exercise"] exercise="2.5"
share = ...
check("2.5", share)

# %% tags=["solution"] exercise="2.5"
check("2.5", share_at(detour=1.4))

# %% [markdown] lang="en"
# ## 7. Make
#
# Ma has money for **one** reading room. Candidate sites have ids that end in `-S`. Find one that brings **at least 9,500 more people** into the circle. Several are right. Beware of the largest community: what counts is everybody a circle *adds*.

# %% [markdown] lang="zh"
# ## 7. 创作
#
# 马副市长的钱够建**一处**书屋。候选点的编号以 `-S` 结尾。找一处能让圈内**至少增加 9,500 人**的。答案不止一个。别只看最大的社区：要看一个圈新*增加*了谁。

# %%
biggest_gaps = coverage.uncovered().head(6)
biggest_gaps[["persons", "nearest_cost"]].round(1)

# %% tags=["exercise"] exercise="2.6"
my_site = ...  # "640202...-S"
check("2.6", my_site)

# %% tags=["solution"] exercise="2.6"
gain = {}
for site in biggest_gaps.index + "-S":
    after = cp.measure_coverage(cp.Scenario(world).add(site).apply(), standard)
    gain[site] = after.persons - coverage.persons
print(pd.Series(gain))
check("2.6", max(gain, key=gain.get))

# %% [markdown] lang="en"
# ## Limits of this model
#
# One point stands for a whole community: all of it is inside or all outside. The way is a straight line times a factor, not streets (lesson 3). A circle says nothing about crowding (lesson 4), about hours, about what is inside the room. Where villages lie and which have a reading room is modelled here; a share of *this* map is an exercise, not a finding about Shizuishan.
#
# ## Sources
#
# Shizuishan: plan of 2021, "urban 15-minute public culture circle" (`standard.title()`); codes of the National Bureau of Statistics; census of 2020. Walking speeds: means of 80 to 95 m a minute in field observations by Finnis and Walton in New Zealand, 48 to 54 in random samples of people over 65. See `cp.datasets.source_page("shizuishan")`.

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 一个点代表整个社区：要么全在圈内，要么全在圈外。路程是直线乘以系数，不是街道（第 3 课）。圈不反映拥挤程度（第 4 课）、开放时间，也不说明屋里有什么。村的位置和哪些村有书屋在这里是推定的，*这张*地图上的覆盖率是练习，不是对石嘴山的评价。
#
# ## 资料来源
#
# 石嘴山市 2021 年文件“城市15分钟公共文化服务圈”（`standard.title("zh")`）；国家统计局区划代码；2020 年普查。步速：Finnis 与 Walton 在新西兰的实地观察平均每分钟 80 至 95 米，65 岁以上随机样本 48 至 54 米。另见 `cp.datasets.source_page("shizuishan")`。
