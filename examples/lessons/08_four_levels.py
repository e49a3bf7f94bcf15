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
# # Lesson 8 · Four levels and a book on its way
#
# **You will learn** to read a service network on four levels (central library, head libraries, branches, service points); to see how far a book travels along it; to plan delivery rounds; to find who is cut off when a library closes, and to take them in again.
#
# **The story.** Ma Lan lives in Shangbaozha (上宝闸村), in the north of Shizuishan. The book she wants stands in the reading room of Houjialiang (侯家梁), 1.9 km across the fields; but Houjialiang lies in Pingluo County and Shangbaozha in Huinong District. "Loans go through the branch", says the rule. How far will the book travel?

# %% [markdown] lang="zh"
# # 第 8 课 四级体系与一本书的旅行
#
# **学习目标** 看懂四级服务网络（中心馆、总馆、分馆、服务点）；算出一本书沿着它要走多远；安排配送路线；找出一处馆舍关闭时谁会失去上级，并重新接上。
#
# **故事** 马兰住在石嘴山市北部的上宝闸村。她想借的书就在侯家梁村的书屋里，隔着田只有 1.9 公里。可是侯家梁属平罗县，上宝闸属惠农区，规定是“通过分馆流转”。这本书要走多远？

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import HierarchyPanel
from cultureplan.lab.lesson_kit import delivery_rounds, neighbour_routes

# %% [markdown] lang="en"
# ## 1. The network
#
# Shizuishan's plan of 30 October 2021 (S-HIER-02) sets four levels: the city library as central library, a head library in each district and county, a branch in every town, reading rooms as service points. The rule and the names, codes and most town centres are **real**; where the reading rooms stand is **modelled**. So read what follows as a statement about the rule and the distances between towns, not about a single reading room.

# %% [markdown] lang="zh"
# ## 1. 网络
#
# 石嘴山市 2021 年 10 月 30 日的方案（S-HIER-02）定下四级：市图书馆为中心馆，县区图书馆为总馆，乡镇（街道）为分馆，各类书屋为服务点。规则、名称、代码和大部分乡镇驻地的位置是**真实**的，书屋的位置是**推定**的。所以下面的结论说的是规则和乡镇之间的距离，不是某一处书屋。

# %%
world = cp.load_world("shizuishan")
network = world.network
network.count_by_level()

# %%
plotting.hierarchy_map(world, lang=LANGUAGE)
# %% [markdown] lang="en"
# ## 2. Predict
#
# From Houjialiang's reading room up to its branch, its head library, the central library, and down again to Shangbaozha. The two rooms are 1.9 km apart. **How many kilometres does the book travel** (straight lines between libraries)?

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 从侯家梁书屋往上，到分馆、总馆、中心馆，再一级一级往下到上宝闸。两处书屋相距 1.9 公里。**这本书要走多少公里**（馆与馆之间按直线）？

# %% tags=["exercise"] exercise="8.1"
guess = ...  # km · 公里
check("8.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# `neighbour_routes` looks for reading rooms within 2 km of each other and follows the links between them.

# %% [markdown] lang="zh"
# ## 3. 测算
#
# `neighbour_routes` 找出相距 2 公里以内的书屋，并沿隶属关系计算书走的路。

# %%
routes = neighbour_routes(world)
reveal("8.1", routes.loc[0, "route_km"])

# %%
names = world.facilities.frame.set_index("facility_id")["name" if LANGUAGE == "zh" else "name_en"]
routes.assign(first=routes["first"].map(names), second=routes["second"].map(names)).head(4).round(1)

# %% [markdown] lang="en"
# **First surprise.** 110 km for a neighbour's book. Nobody planned that: each link is short and sensible, and the tree as a whole has no way across. A tree is good for giving orders and accounts; books would like a net.

# %% [markdown] lang="zh"
# **意外之一** 邻村的一本书要走 110 公里。没有人这样设计过：每一条隶属关系都不远、都合理，而整棵树没有横向的路。树适合下任务、报数字，书却更喜欢网。

# %% [markdown] lang="en"
# ## 4. Hands on
#
# Choose a branch in the tree and find it on the map; let it report to another head library; close one and see who is left without a superior. Undo brings everything back.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 在树上选一处分馆，看它在地图上的位置；让它改属另一个总馆；关闭一处，看谁失去了上级。“撤销”可以全部还原。

# %%
HierarchyPanel(world, "shizuishan-2021", lang=LANGUAGE, height_px=400)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **A few pairs, half the way (8.2).** 111 pairs of reading rooms are neighbours (within 2 km); few of them belong to different branches (`same_parent` is false). What share of all `route_km` falls on those few?

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **少数几对，一半的路（8.2）** 相距 2 公里以内的书屋有 111 对，其中属于不同分馆的很少（`same_parent` 为假）。这少数几对占全部 `route_km` 的多大比例？

# %% tags=["exercise"] exercise="8.2"
share = ...
check("8.2", share)

# %% tags=["solution"] exercise="8.2"
across = routes.loc[~routes["same_parent"], "route_km"].sum()
check("8.2", across / routes["route_km"].sum())

# %% [markdown] lang="en"
# **Who is cut off? (8.3)** The head library of Pingluo, `640221-H`, closes for repair. How many facilities lose their way to the central library?

# %% [markdown] lang="zh"
# **谁被切断？（8.3）** 平罗县总馆 `640221-H` 闭馆维修。有多少处设施失去通往中心馆的路？

# %% tags=["exercise"] exercise="8.3"
cut_off = network.orphaned_by_closing("640221-H")
n_cut_off = ...
check("8.3", n_cut_off)

# %% tags=["solution"] exercise="8.3"
check("8.3", len(cut_off))

# %% [markdown] lang="en"
# ## 6. The van
#
# Once a week each library brings boxes to those that report to it. One trip to each and back, or one round over all of them? The rounds come from Christofides' method and are at most half as long again as the shortest.

# %% [markdown] lang="zh"
# ## 6. 送书车
#
# 每周一次，每一级给下一级送书。是逐家往返，还是一圈走完？这里的环线由 Christofides 算法给出，最多比最短的长一半。

# %%
rounds = delivery_rounds(world)
by_level = rounds.groupby("level")[["there_and_back_km", "round_km"]].sum().round(0)
by_level

# %%
separate_km = rounds["there_and_back_km"].sum()
round_km = rounds["round_km"].sum()
round(separate_km), round(round_km)

# %% [markdown] lang="en"
# 1,345 km of separate trips or 717 km of rounds: driving in rounds halves the way.
#
# **Modify: redraw the borders (8.4).** Four branches stand nearer to another district's head library than to their own. Let them report there (`reassign`). How many kilometres do the *separate trips* save, over the whole network? And the rounds? Stuck? `hint("8.4")`.

# %% [markdown] lang="zh"
# 逐家往返 1,345 公里，走环线 717 公里：一圈走完，路程减半。
#
# **改一改：重划归属（8.4）** 有四处分馆离别的县区总馆更近。用 `reassign` 让它们改属最近的总馆。全网*逐家往返*能省多少公里？走环线又能省多少？卡住了就运行 `hint("8.4")`。

# %%
frame = world.facilities.frame.set_index("facility_id")
branches = frame[frame["level"] == "branch"]
heads = frame.index[frame["level"] == "head"]
km_to = pd.DataFrame({head: branches.distance(frame.geometry[head]) / 1_000 for head in heads})
nearest = km_to.idxmin(axis=1)
nearest[nearest != branches["parent_id"]]

# %% tags=["exercise"] exercise="8.4"
saved_km = ...
check("8.4", saved_km)

# %% tags=["solution"] exercise="8.4"
moved = cp.Scenario(world)
for branch, head in nearest[nearest != branches["parent_id"]].items():
    moved = moved.reassign(branch, head)
after = delivery_rounds(moved.apply())
print("rounds · 环线", round(round_km - after["round_km"].sum(), 1), "km")
check("8.4", separate_km - after["there_and_back_km"].sum())

# %% [markdown] lang="en"
# **Second surprise.** Redrawing the borders saves 52 km if a van drives to each branch and back, and only 13 km if it drives in rounds; rounds alone save 629 km, without asking anybody. How one drives matters twelve times as much as who belongs to whom. Still, the four changes bring Ma Lan's book from 110 km down to 63.

# %% [markdown] lang="zh"
# **意外之二** 若逐家往返，重划归属省 52 公里；若走环线，只省 13 公里；而只要改走环线，谁也不用商量就省 629 公里。怎么开车，比归谁管重要十二倍。不过这四处一改，马兰的书也从 110 公里降到 63 公里。

# %% [markdown] lang="en"
# **Could a better tree help?** `HierarchyAssignment` finds, with proof, who should report to whom so that the links below the head libraries are shortest: within the districts as they are, and as if there were no border.

# %% [markdown] lang="zh"
# **换一棵更好的树呢？** `HierarchyAssignment` 求出总馆以下隶属关系总长最短的安排，并附证明：一次遵守县区界线，一次当界线不存在。

# %%
tree = cp.hierarchy_problem(world, limit=60_000)
shortest_km = {}
for same_district in (True, False):
    answer = cp.solve_siting(tree, cp.HierarchyAssignment(same_district=same_district))
    shortest_km[same_district] = round(cp.reporting_lines(answer)["cost"].sum() / 1_000, 1)
shortest_km

# %% [markdown] lang="en"
# 611 km is what stands today: within its borders Shizuishan's tree *cannot* be shorter. Without any border it would be 582 km, 5 % less. The 110 km for a neighbour's book are no fault of this tree; every tree has such neighbours. The remedy is a link *across*: two neighbouring branches that may exchange books directly.
#
# ## 7. Make
#
# Pingluo's head library closes for a year. Give each of its thirteen branches another superior, so that
#
# - nobody is an orphan,
# - no library has more than 20 facilities reporting to it directly,
# - the thirteen new links together are at most 360 km long.
#
# Write a dictionary *branch: superior*. The central library `6402-C` may take branches too. Several answers are right.

# %% [markdown] lang="zh"
# 今天的正是 611 公里：在现有界线内，石嘴山这棵树*不可能*更短；不要界线也只短到 582 公里，少 5 %。邻村一本书走 110 公里，不是这棵树的错，任何一棵树都有这样的邻居。出路是加一条*横向*的线：让相邻的两处分馆可以直接换书。
#
# ## 7. 创作
#
# 平罗县总馆闭馆一年。请为它的十三处分馆各找一个上级，使得
#
# - 没有一处失去上级；
# - 任何一馆直接管的不超过 20 处；
# - 十三条新关系合计不超过 360 公里。
#
# 写成字典 *分馆: 上级*。中心馆 `6402-C` 也可以直接管分馆。正确答案不止一个。

# %%
thirteen = list(network.children("640221-H"))
superiors = ["6402-C", "640202-H", "640205-H"]
km = pd.DataFrame({one: frame.loc[thirteen].distance(frame.geometry[one]) / 1_000 for one in superiors})
km.round(1)

# %% tags=["exercise"] exercise="8.5"
new_superior = ...  # {"640221100-B": "640202-H", ...}
check("8.5", new_superior)

# %% tags=["solution"] exercise="8.5"
check("8.5", km.idxmin(axis=1).to_dict())

# %% [markdown] lang="en"
# ## And in New York?
#
# The three library systems of New York (real list of 2016) are three trees without a common top. Neighbouring libraries of different systems have *no* way between them along the tree:

# %% [markdown] lang="zh"
# ## 纽约呢？
#
# 纽约的三个图书馆系统（2016 年真实名录）是三棵没有共同树根的树。相邻而分属不同系统的馆，沿树*无路可走*：

# %%
city = cp.load_world("newyork")
pairs = neighbour_routes(city, level="branch", within_m=1_200)
called = city.facilities.frame.set_index("facility_id")["name"]
apart = pairs[pairs["route_km"] == float("inf")].sort_values("apart_km").head(3)
apart.assign(first=apart["first"].map(called), second=apart["second"].map(called)).round(2)

# %% [markdown] lang="en"
# Roosevelt Island (New York Public Library) and Queensbridge (Queens) face each other across a channel, 850 m apart.
#
# ## Limits of this model
#
# Straight lines, no roads, no river crossings, no loading times; a week's boxes fit into any van. The head libraries' positions follow a rule (within 500 m of the middle of their town). Real systems let vans exchange boxes where rounds meet, and that is the cheap way to add links across a tree.
#
# ## Sources
#
# Four levels: Shizuishan 石政办发〔2021〕64号, S-HIER-01 and S-HIER-02. Round: Christofides (1976). New York: NYC Open Data.

# %% [markdown] lang="zh"
# 罗斯福岛馆（纽约公共图书馆）与皇后桥馆（皇后区）隔水相望，相距 850 米。
#
# ## 模型的局限
#
# 按直线算，没有道路、渡河和装卸时间；一周的书箱任何车都装得下。总馆位置按规则确定（城区中心 500 米内）。现实中送书车会在路线相会处交换书箱，这正是给树加横向联系的省钱办法。
#
# ## 资料来源
#
# 四级体系：石政办发〔2021〕64号，S-HIER-01、S-HIER-02。环线：Christofides（1976）。纽约：NYC Open Data。
