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
# # Lesson 7 · How equal?
#
# **You will learn** to measure how evenly something is shared (Lorenz curve, Gini, Theil); to count people and not dots; to split inequality into parts; and to see what an index of inequality does *not* tell.
#
# **The story.** Mayor Lin of Sanheyuan has money for one reading room. The province wants "less inequality in library seats", measured by Gini's index, by next year. On her desk lies a letter from Odon, a herder at Baijian: *"The next chair in a reading room is over ten kilometres from my door. When is it our turn?"* She would like to do both: lower the index and answer Odon. Can she?

# %% [markdown] lang="zh"
# # 第 7 课 有多平等？
#
# **学习目标** 会用洛伦兹曲线、基尼系数和泰尔指数衡量分配是否均匀；按“人”而不是按“点”来数；会把不平等分解成几部分；看清一个不平等指数*没有*告诉我们什么。
#
# **故事** 三河原市林市长手里的钱只够建一处书屋。省里要求明年“阅览座席的不平等程度有所下降”，用基尼系数考核。她桌上还有一封信，是白碱嘎查的牧民敖登写来的：*“离我家最近的一把阅览椅在十公里开外，什么时候轮到我们？”* 林市长两样都想做到：既让指数下降，又给敖登一个答复。做得到吗？

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import EquityPanel

# %% [markdown] lang="en"
# ## 1. The town
#
# Sanheyuan is **invented**: every column of its tables, people, places and facilities, is made up for teaching (`world.notes["columns"]` says so column by column). Coordinates are whole metres, so everything can be checked by hand.
#
# Each person's seats: the seats of every facility are divided by the people within 10 km of it, then each person adds up what the facilities within 10 km have to give (two-step floating catchment, lesson 4). Ten kilometres is the widest circle a Chinese paper grants: herding land, Ordos 2014.

# %% [markdown] lang="zh"
# ## 1. 这座小城
#
# 三河原是**虚构**的：人口、区划、设施，各表的每一列都是为教学编写的（`world.notes["columns"]` 逐列写明）。坐标都是整米，每个数都可以手算核对。
#
# 每个人能分到多少座席：先把每处设施的座席除以周围 10 公里内的人口，再把每个人周围 10 公里内各设施的份额加起来（两步移动搜索法，见第 4 课）。10 公里是中国文件里最大的服务圈：鄂尔多斯 2014 年方案中的牧区。

# %%
world = cp.load_world("sanheyuan")
persons, settlement = world.demand.persons, world.demand.settlement
pd.DataFrame(world.notes["columns"]["demand"]).T[["status", LANGUAGE]].head(3)


# %%
def seats_each(world, reach_m=10_000):
    """Seats per 1,000 persons at each demand point."""
    costs = cp.travel_costs(world, cp.StraightLine(), limit=reach_m)
    seats = cp.access.supply_of(world, "seats")
    decay = cp.access.circle(reach_m)
    return 1_000 * cp.access.two_step_floating_catchment(costs, persons, seats, decay=decay)


access = seats_each(world)
title = {"en": "Seats per 1,000 persons", "zh": "每千人阅览座席"}[LANGUAGE]
plotting.access_map(world, access, title=title, lang=LANGUAGE)
# %% [markdown] lang="en"
# ## 2. Predict
#
# Everybody says: the countryside has less. Before you compute, guess: of all the inequality in seats, **what share lies between town, farm villages and herding land** (0 = none of it, 1 = all of it)? The rest lies *within* each of the three.

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 人人都说“农村牧区差”。先别算，猜一猜：座席的全部不平等中，**有多大比例存在于城镇、农村、牧区三者之间**（0 为完全不在，1 为全在）？其余的在三者各自*内部*。

# %% tags=["exercise"] exercise="7.1"
guess = ...  # a share between 0 and 1 · 0 到 1 之间的比例
check("7.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# The Lorenz curve lines people up from the worst served to the best and asks what share of all seats the first 10 %, 20 %, ... have. Twice the area between curve and diagonal is Gini's index.

# %% [markdown] lang="zh"
# ## 3. 测算
#
# 洛伦兹曲线把人从最差到最好排成一队，看前 10 %、20 % …… 的人共有多少座席。曲线与对角线之间面积的两倍就是基尼系数。

# %%
plotting.lorenz_curve(access, persons, by=settlement, lang=LANGUAGE)
# %%
table = cp.equity.equity_table(access, persons, by=settlement)
table[["persons", "mean", "min", "max", "gini", "theil_t"]].round(2)

# %% [markdown] lang="en"
# Theil's index can be split without a rest: one part between groups, one within.

# %% [markdown] lang="zh"
# 泰尔指数可以无余地分解：一部分在组间，一部分在组内。

# %%
parts = cp.equity.theil_parts(access, settlement, persons)
reveal("7.1", parts.between_share)

# %% [markdown] lang="en"
# **First surprise.** The herders have *more* seats per person than the townspeople, twice as many on average, and *also* everybody who has none at all. Twelve chairs are plenty for the hundred people around them and nothing for those beyond ten kilometres. "More for the countryside, by the head" would miss nearly all of the problem: what matters is *which* village.

# %% [markdown] lang="zh"
# **意外之一** 牧民的人均座席*高于*城里人，平均约为两倍；而一个座席也没有的人*也全是*牧民。十二把椅子，对周围一百来人绰绰有余，对十公里以外的人等于零。“按人头向农村牧区倾斜”几乎打不到问题上：关键是*哪个*村。

# %% [markdown] lang="en"
# ## 4. Hands on
#
# Drag a facility or click to add one, and watch map and Lorenz curve move together. Switch the measure from distance to seats and back. Which move makes the curve *worse* although somebody far away gains?

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 拖动一处设施，或点击新增一处，看地图和洛伦兹曲线一起变化。把度量在距离与座席之间切换。哪种移动会让远处的人受益，曲线却*变差*？

# %%
EquityPanel(world, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **People, not dots (7.2).** The table has 57 points: herding camps of sixteen people and city blocks of 1,500. What is Gini's index of the *people*'s seats? (Leave the people out of the call once, too, and compare: that is what a spreadsheet does.)

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **数人，不数点（7.2）** 表里有 57 个点，有十几个人的牧点，也有 1,500 人的街区。按*人*计算，座席的基尼系数是多少？（再故意不给人口算一次，比一比：电子表格常常就是这么算的。）

# %% tags=["exercise"] exercise="7.2"
gini = ...
check("7.2", gini)

# %% tags=["solution"] exercise="7.2"
print("dots · 按点", round(cp.equity.gini(access), 3))
check("7.2", cp.equity.gini(access, persons))

# %% [markdown] lang="en"
# **Short of the line (7.3).** Inequality compares people with each other; a standard compares them with a line. What share of the *herders* live more than 10 km from every facility? `costs.nearest()["cost"]` gives metres, `cp.equity.foster_greer_thorbecke(metres, line, persons, worse="above")` the share beyond a line.

# %% [markdown] lang="zh"
# **没到线（7.3）** 不平等是人与人比，标准是人与线比。有多大比例的*牧民*离任何设施都超过 10 公里？`costs.nearest()["cost"]` 给出米数，`cp.equity.foster_greer_thorbecke(metres, line, persons, worse="above")` 给出线外的比例。

# %% tags=["exercise"] exercise="7.3"
costs = cp.travel_costs(world, cp.StraightLine(), limit=20_000)
herders = settlement == "pastoral"
beyond = ...
check("7.3", beyond)

# %% tags=["solution"] exercise="7.3"
metres = costs.nearest()["cost"]
beyond = cp.equity.foster_greer_thorbecke(metres[herders], 10_000, persons[herders], worse="above")
check("7.3", beyond)

# %% [markdown] lang="en"
# **Modify: another distance (7.4).** Take 5 km instead of 10 (`seats_each(world, 5_000)`). What share of the inequality now lies between the three? Stuck? `hint("7.4")`.

# %% [markdown] lang="zh"
# **改一改：换个距离（7.4）** 把 10 公里改成 5 公里（`seats_each(world, 5_000)`）。现在三者之间的部分占多大比例？卡住了就运行 `hint("7.4")`。

# %% tags=["exercise"] exercise="7.4"
between_share = ...
check("7.4", between_share)

# %% tags=["solution"] exercise="7.4"
between_share = cp.equity.theil_parts(seats_each(world, 5_000), settlement, persons).between_share
check("7.4", between_share)

# %%
rows = {}
for reach_m in (2_000, 5_000, 10_000, 20_000):
    each = seats_each(world, reach_m)
    split = cp.equity.theil_parts(each, settlement, persons)
    rows[reach_m] = {"gini": cp.equity.gini(each, persons), "between_share": split.between_share}
pd.DataFrame.from_dict(rows, orient="index").rename_axis("reach_m").round(3)

# %% [markdown] lang="en"
# Gini is 0.36, 0.21, 0.20 or 0.04: the same town, the same seats. An index answers a question, and the question holds a distance. Never print it without. And chance: had other points been surveyed, Gini might be anything between `low` and `high`.

# %% [markdown] lang="zh"
# 基尼系数可以是 0.36、0.21、0.20 或 0.04：同一座城、同一批座席。指数是对问题的回答，问题里含着一个距离；不写明距离就不要写指数。再看偶然性：假如调查的是另一批居民点，基尼系数可能落在 `low` 与 `high` 之间的任何地方。

# %%
cp.equity.bootstrap_interval(cp.equity.gini, access, persons, rng=7, n_draws=299)

# %% [markdown] lang="en"
# **And a real city?** New York (real libraries, real census points; Manhattan and the Bronx). Take one library as one thing to share, within 2 km on the straight line. How much of the inequality lies between the two boroughs?

# %% [markdown] lang="zh"
# **真实的城市呢？** 纽约（真实的图书馆、真实的普查点；曼哈顿与布朗克斯）。把一处图书馆当作一份资源，在直线 2 公里内分享，两个区之间占多少？

# %%
city = cp.load_world("newyork")
near = cp.travel_costs(city, cp.StraightLine(), limit=2_000)
library = pd.Series(1.0, index=near.facility_ids)
each = cp.access.two_step_floating_catchment(near, city.demand.persons, library)
boroughs = cp.equity.theil_parts(each, city.demand_places, city.demand.persons)
round(boroughs.between_share, 3), boroughs.by_group["mean"].round(6).to_dict()

# %% [markdown] lang="en"
# 5.5 percent. Manhattan has a third more libraries per head than the Bronx, and nineteen twentieths of the inequality are *inside* the boroughs. The averages that newspapers print hide most of it, in a real city too.

# %% [markdown] lang="zh"
# 只有 5.5 %。曼哈顿的人均图书馆比布朗克斯多三分之一，但不平等的二十分之十九在两区*内部*。报纸上的平均数掩盖了大部分差距，真实的城市也一样。

# %% [markdown] lang="en"
# ## 6. Mayor Lin's choice
#
# One reading room. Nine candidate sites. What does each do to the index, and to the people who have nothing?

# %% [markdown] lang="zh"
# ## 6. 林市长的选择
#
# 只建一处，九个候选点。每一处会使指数怎样，使一无所有的人怎样？

# %%
rows = {"today": (cp.equity.gini(access, persons), persons[access == 0].sum())}
for site in world.facilities.ids[world.facilities.select(status=("candidate",))]:
    each = seats_each(cp.Scenario(world).add(site).apply())
    rows[site] = (cp.equity.gini(each, persons), persons[each == 0].sum())
effects = pd.DataFrame.from_dict(rows, orient="index", columns=["gini", "persons_with_nothing"])
effects.round(3).sort_values("gini")

# %% [markdown] lang="en"
# **Second surprise.** K07 at Baijian, Odon's reading room, halves the number of people with nothing (162 to 78), and Gini's index gets **worse** (0.196 to 0.201). So do K08 and K09. Best for the index is K04 in a farm village, and it helps none of the 162. Why? A room of 16 seats among some eighty people lifts them far above the average: the index sees a new elite.
#
# An index of inequality punishes those who help the last ones first, when these are few. Who is judged by Gini alone will not build at Baijian.

# %% [markdown] lang="zh"
# **意外之二** 敖登那里的 K07（白碱）使一无所有的人减少一半（162 人到 78 人），基尼系数却**变差**（0.196 到 0.201）；K08、K09 也一样。对指数最有利的是农村的 K04，而那 162 人一个也没受益。为什么？八十来个人中间放 16 个座席，把他们抬得远高于平均，指数看到的是“新贵”。
#
# 当最后一批人很少时，先帮他们的人会受到不平等指数的惩罚。只按基尼系数考核，谁也不会在白碱建书屋。

# %% [markdown] lang="en"
# ## 7. Make
#
# The province relents: **up to three** reading rooms. Find candidates (`K01` to `K09`) such that at most 20 people have no seat within 10 km **and** Gini's index stays at 0.205 or below. Several answers are right; the check measures yours.

# %% [markdown] lang="zh"
# ## 7. 创作
#
# 省里松口了：**最多三处**。请选出候选点（`K01` 至 `K09`），使 10 公里内没有座席的人不超过 20 人，**并且**基尼系数不高于 0.205。正确答案不止一个，检查时会现场测算你的方案。

# %% tags=["exercise"] exercise="7.5"
my_sites = ...  # ["K..", "K.."]
check("7.5", my_sites)

# %% tags=["solution"] exercise="7.5"
# two for the herders, one where the many have least · 两处给牧区，一处给人多而少的农村
check("7.5", ["K07", "K09", "K04"])

# %% [markdown] lang="en"
# ## Limits of this model
#
# The town is invented and small. Seats are shared by straight line; a square or a mobile stop counts for what its table states. An index knows nothing of what people want: a herder may prefer a visiting library bus to a chair. Gini with a catchment of 10 km says nothing about who is first in the queue on a Sunday.
#
# ## Sources
#
# Gini (1912); Theil (1967); Shorrocks (1980), on the split; Foster, Greer and Thorbecke (1984), on the line; Luo and Wang (2003), on the two steps. Ten kilometres: Ordos pilot plan 2014, O-COV-03. New York: NYC Open Data; census points of Máximo, Cordeau and Nascimento (2023).

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 小城是虚构的，规模小。座席按直线距离分享，广场和流动站点按表中数字计算。指数不知道人们想要什么：牧民也许更愿意等流动图书车，而不是一把椅子。以 10 公里算出的基尼系数，也说不出星期天谁能排上队。
#
# ## 资料来源
#
# Gini（1912）；Theil（1967）；分解见 Shorrocks（1980）；与线相比见 Foster、Greer 与 Thorbecke（1984）；两步法见 Luo 与 Wang（2003）。10 公里：鄂尔多斯 2014 年试点方案 O-COV-03。纽约：NYC Open Data，普查点据 Máximo、Cordeau 与 Nascimento（2023）。
