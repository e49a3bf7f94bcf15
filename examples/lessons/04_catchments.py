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
# # Lesson 4 · Catchments and crowding
#
# **You will learn** to compute how much library each person can draw on (the two-step floating catchment); to tell *near* from *enough*; to find crowded houses; and why a Gini of access without its catchment says nothing.
#
# **The story.** Marisol lives in Lincoln Park, Chicago, four streets from her library. Every Saturday she queues for a chair. *"But you are covered!"* says the map on the wall. Her aunt at the southern edge of the city has the reading room nearly to herself. (Both are invented; libraries, hours and head counts are real.)

# %% [markdown] lang="zh"
# # 第 4 课 服务范围与拥挤
#
# **学习目标** 会计算每个人能分到多少图书馆服务（两步移动搜索法）；分清“近”与“够”；会找出拥挤的馆；明白不写明服务半径的基尼系数等于什么都没说。
#
# **故事** 玛丽索尔住在芝加哥林肯公园，离图书馆四条街，每个星期六都要排队等座。*“可你已经被覆盖了！”*墙上的地图说。她的姑妈住在城市最南端，阅览室几乎归她一个人。（人物虚构，图书馆、开放时间和人口真实。）

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import EquityPanel
from cultureplan.lab.lesson_kit.choosing import city_of_chicago

# %% [markdown] lang="en"
# ## 1. A real city
#
# People of the 2010 census by tract, libraries of 2019 with their real hours. The suburbs' libraries are not in the table, so we look at the people of the city alone.

# %% [markdown] lang="zh"
# ## 1. 真实的城市
#
# 2010 年普查各普查区的人口，2019 年的图书馆和真实开放时间。郊区的图书馆不在表中，所以只看市区居民。

# %%
city = city_of_chicago(cp.load_world("chicago"))
persons = city.demand.persons
names = city.facilities.frame.set_index("facility_id")["name"]
hours = cp.access.supply_of(city, "weekly_hours")
costs = cp.travel_costs(city, cp.StraightLine(), limit=10_000)  # m
near = costs.nearest()["cost"]

# %%
title = {"en": "Metres to the nearest library", "zh": "距最近图书馆（米）"}[LANGUAGE]
plotting.access_map(city, near, title=title, high_is_good=False, lang=LANGUAGE)

# %% [markdown] lang="en"
# ## 2. Sharing out a library
#
# Step one: divide the hours of each library by the people around it. Step two: add up, for each person, the shares of all libraries around them. People in outer zones count less both times: full weight within 1 km, 0.68 up to 2 km, 0.22 up to 3 km.

# %% [markdown] lang="zh"
# ## 2. 分享一处图书馆
#
# 第一步：把每处图书馆的开放小时除以周围的人口。第二步：对每个人，把周围各馆的份额加起来。外圈的人两步都打折扣：1 公里内权重 1，2 公里内 0.68，3 公里内 0.22。

# %%
zones = cp.access.step({1_000: 1.0, 2_000: 0.68, 3_000: 0.22})


def hours_each(hours, decay=zones):
    """Library hours a week per 1,000 persons, at each tract."""
    return 1_000 * cp.access.two_step_floating_catchment(costs, persons, hours, decay=decay)


access = hours_each(hours)

# %% [markdown] lang="en"
# ## 3. Predict
#
# 1.3 million people live within 1 km of a library. How many of *them* are nevertheless in the worst-served quarter of the tracts?
#
# - a: hardly any
# - b: about 20,000
# - c: about 150,000

# %% [markdown] lang="zh"
# ## 3. 先猜
#
# 有 130 万人住在图书馆 1 公里之内。*他们*当中有多少仍落在服务最差的四分之一普查区？
#
# - a：几乎没有
# - b：约 2 万
# - c：约 15 万

# %% tags=["exercise"] exercise="4.1"
guess = ...  # "a", "b", "c"
check("4.1", guess)

# %% [markdown] lang="en"
# ## 4. Run

# %% [markdown] lang="zh"
# ## 4. 运行

# %%
title = {"en": "Library hours a week per 1,000 persons", "zh": "每千人每周图书馆开放小时"}[LANGUAGE]
plotting.access_map(city, access, title=title, lang=LANGUAGE)

# %%
worst = access <= access.quantile(0.25)
near_and_worst = persons[(near <= 1_000) & worst].sum()
rank_correlation = near.corr(access, method="spearman")
pd.Series({"near_and_worst": near_and_worst, "rank_correlation": rank_correlation}).round(2)

# %%
reveal("4.1", "c" if near_and_worst > 100_000 else "b")

# %% [markdown] lang="en"
# **Surprise.** 150,000 people have a library around the corner and less of it than three quarters of the tracts. Nearness explains little (rank correlation -0.34). A coverage map would have called all of them served.

# %% [markdown] lang="zh"
# **意外** 15 万人楼下就有图书馆，分到的却少于四分之三的普查区。远近几乎说明不了问题（等级相关 -0.34）。覆盖图会说他们全都“已覆盖”。

# %% [markdown] lang="en"
# ## 5. Hands on
#
# Choose *access* as the measure and *weekly hours* as what is shared. Drag a library from the dense north side to the south and watch the Lorenz curve.

# %% [markdown] lang="zh"
# ## 5. 动手
#
# 度量选可达性，分享的东西选每周小时。把一处馆从人口稠密的北区拖到南区，看洛伦兹曲线的变化。

# %%
rule = cp.CircleRule(settlement="urban", limit=3_000, mode=cp.StraightLine())
EquityPanel(city, cp.CircleStandard(id="3 km", rules=(rule,)), lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 6. Investigate
#
# **The average person (4.2).** How many library hours a week are there per 1,000 persons, on average **over the people** of the city? (`access` has one value a tract; tracts have 0 to 16,735 people.)

# %% [markdown] lang="zh"
# ## 6. 探究
#
# **平均每人（4.2）** 按市区**居民**平均，每千人每周有多少图书馆小时？（`access` 每个普查区一个值，而普查区人口从 0 到 16,735 不等。）

# %% tags=["exercise"] exercise="4.2"
mean_hours = ...
check("4.2", mean_hours)

# %% tags=["solution"] exercise="4.2"
mean_hours = (access * persons).sum() / persons.sum()
check("4.2", mean_hours)

# %% [markdown] lang="en"
# **The queue (4.3).** `cp.access.crowding(costs, persons, hours, decay=zones)` gives the people for each hour of each library. Which library is the most crowded? Give its id.

# %% [markdown] lang="zh"
# **排队的地方（4.3）** `cp.access.crowding(costs, persons, hours, decay=zones)` 给出每处馆每个开放小时对应的人数。哪一处最拥挤？给出编号。

# %% tags=["exercise"] exercise="4.3"
crowded = ...
check("4.3", crowded)

# %% tags=["solution"] exercise="4.3"
crowding = cp.access.crowding(costs, persons, hours, decay=zones)
print(crowding.rename(names).sort_values().round(0).iloc[[0, 1, -2, -1]])
check("4.3", crowding.idxmax())

# %% [markdown] lang="en"
# **How equal? (4.4)** Let everybody within 3 km share alike: `decay=cp.access.circle(3_000)`. What is Gini's index of the people's hours (`cp.equity.gini(values, weights)`)? Then try 1 km and 10 km.

# %% [markdown] lang="zh"
# **有多平等？（4.4）** 让 3 公里内的人一样分：`decay=cp.access.circle(3_000)`。居民所得小时的基尼系数是多少（`cp.equity.gini(值, 权重)`）？再试 1 公里和 10 公里。

# %% tags=["exercise"] exercise="4.4"
gini = ...
check("4.4", gini)

# %% tags=["solution"] exercise="4.4"
check("4.4", cp.equity.gini(hours_each(hours, cp.access.circle(3_000)), persons))

# %%
by_reach = {}
for reach_m in (1_000, 2_000, 3_000, 5_000, 10_000):
    each = hours_each(hours, cp.access.circle(reach_m))
    by_reach[reach_m] = {"gini": cp.equity.gini(each, persons), "with_nothing": persons[each == 0].sum()}
pd.DataFrame.from_dict(by_reach, orient="index").rename_axis("reach_m").round(2)

# %% [markdown] lang="en"
# **Second surprise.** The wider the catchment, the more equal the city looks: 0.64 falls to 0.16 although nothing was built. Whoever quotes a Gini of access without its catchment has said nothing.

# %% [markdown] lang="zh"
# **意外之二** 半径越大，城市看上去越平等：什么都没建，0.64 就降到 0.16。引用可达性的基尼系数而不说明半径，等于什么都没说。

# %% [markdown] lang="en"
# ## 7. Modify
#
# Lincoln Park (`CPL-044`) gets ten more hours a week. How many people gain (4.5)? Change a **copy**: `more = hours.copy(); more["CPL-044"] += 10`. Stuck? `hint("4.5")`.

# %% [markdown] lang="zh"
# ## 7. 改一改
#
# 林肯公园馆（`CPL-044`）每周多开十小时，有多少人受益（4.5）？请改**副本**：`more = hours.copy(); more["CPL-044"] += 10`。卡住了就运行 `hint("4.5")`。

# %% tags=["exercise"] exercise="4.5"
n_gain = ...
check("4.5", n_gain)

# %% tags=["solution"] exercise="4.5"
more = hours.copy()
more["CPL-044"] += 10
check("4.5", persons[hours_each(more) > access + 1e-9].sum())

# %% [markdown] lang="en"
# ## 8. Make
#
# The city pays for **60 more hours a week**, wherever you like. 156,000 people have less than half an hour per 1,000. Give out the hours so that **at least 25,000 fewer** do. Answer with a mapping, `{"CPL-044": 20, ...}`. (Twenty hours to each of the three most crowded will not do. Who has little, and why?)

# %% [markdown] lang="zh"
# ## 8. 创作
#
# 市里出钱，每周**多开 60 小时**，给哪些馆由你定。现有 15.6 万人每千人不到半小时。请分配这 60 小时，使这样的人**至少减少 25,000**。用映射作答：`{"CPL-044": 20, ...}`。（给最拥挤的三处各二十小时是不够的。谁得的少？为什么？）

# %% tags=["exercise"] exercise="4.6"
my_hours = ...  # {"CPL-...": hours}
check("4.6", my_hours)


# %% tags=["solution"] exercise="4.6"
def helped(extra):
    """People lifted above half an hour."""
    more = hours.add(pd.Series(extra, dtype=float), fill_value=0.0)
    return persons[access < 0.5].sum() - persons[hours_each(more) < 0.5].sum()


alone = pd.Series({library: helped({library: 20}) for library in hours.index})
best = alone.nlargest(3, keep="first").index
check("4.6", dict.fromkeys(best, 20))

# %% [markdown] lang="en"
# ## Limits of this model
#
# Hours are what the list states; floor area, books and staff would give other pictures. Straight lines, no trains. A tract is one point. Suburban visitors are left out: with them, tracts at the rim of the city have as little as half. Nobody asked whether people want the nearest library.
#
# ## Sources
#
# Luo and Wang (2003), Environment and Planning B 30; the zones after Luo and Qi (2009), Health and Place 15, with limits of our own. Libraries and hours: City of Chicago Data Portal; tracts: US Census 2010; see `cp.datasets.source_page("chicago")`.

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 供给只用了名录中的开放小时，换成面积、藏书或人员会不同；用直线距离，没有地铁；一个普查区是一个点。没有计入郊区来的读者，计入后市区边缘的水平最多会减半。也没有人问过大家是否愿意去最近的馆。
#
# ## 资料来源
#
# Luo 与 Wang（2003），Environment and Planning B 30；分区思路见 Luo 与 Qi（2009），Health and Place 15，界限为自定。图书馆与开放时间：芝加哥市数据门户；普查区：美国 2010 年普查，见 `cp.datasets.source_page("chicago")`。
