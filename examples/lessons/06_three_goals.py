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
# # Lesson 6 · Siting II: when goals disagree
#
# **You will learn** to choose by three goals, most people near (MCLP), shortest way on average (p-median), nobody too far (p-center); to see that they give three different answers; to notice when a handful of people decides for everybody; and to put a price on equality.
#
# **The story.** Six of Chicago's 77 libraries shall stay open until ten at night. At the table sit three people (all invented). The alderman: *"As many as possible within 3 km!"* The librarian: *"The shortest way for the average reader."* And Mrs Okafor from the edge of the city: *"Nobody farther than they must."* Each asks the solver. Each gets a proof.

# %% [markdown] lang="zh"
# # 第 6 课 选址（二）：目标彼此冲突时
#
# **学习目标** 会按三种目标选址：近处的人最多（MCLP）、平均路程最短（p-中位）、没有人太远（p-中心）；看到三种目标给出三个不同的答案；会发现什么时候一小撮人替所有人做了主；会给平等标出价格。
#
# **故事** 芝加哥 77 处图书馆中，要有六处开到晚上十点。桌边坐着三个人（都是虚构的）。议员：*“3 公里之内的人越多越好！”* 馆员：*“让普通读者平均走得最近。”* 住在城边的奥卡福太太：*“别让任何人走冤枉远路。”* 三人各自去问求解器，三人都拿到了证明。

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import SitingStudio
from cultureplan.lab.lesson_kit.choosing import (
    all_closed,
    city_of_chicago,
    goals_table,
    shortest_within,
    with_sites,
)

# %% [markdown] lang="en"
# ## 1. Three goals, one table
#
# Libraries and people as in lessons 4 and 5. All straight lines, all 77 to choose from, six to open.

# %% [markdown] lang="zh"
# ## 1. 三个目标，一张表
#
# 图书馆和人口同第 4、5 课。都按直线距离，77 处可选，开六处。

# %%
city = city_of_chicago(cp.load_world("chicago"))
names = city.facilities.frame.set_index("facility_id")["name"]
goals = {
    "alderman": cp.MaximalCoverage(n_sites=6),
    "librarian": cp.PMedian(n_sites=6),
    "okafor": cp.PCenter(n_sites=6),
}


# %%
def plans_for(city):
    """The six libraries that each goal asks for, and how each plan does by every goal."""
    costs, persons = cp.travel_costs(city, cp.StraightLine(), limit=60_000), city.demand.persons
    problem = cp.SitingProblem(costs=costs, persons=persons, limit=3_000.0)
    results = {name: cp.solve_siting(problem, goal) for name, goal in goals.items()}
    plans = {name: result.selected for name, result in results.items()}
    return plans, goals_table(costs, persons, plans, limit_m=3_000)


# %% [markdown] lang="en"
# ## 2. Predict
#
# Six libraries each, out of 77. How many libraries are in **all three** answers? Write a whole number, 0 to 6.

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 从 77 处中各选六处。**三个答案共有的**图书馆有几处？写一个 0 到 6 的整数。

# %% tags=["exercise"] exercise="6.1"
guess = ...
check("6.1", guess)

# %% [markdown] lang="en"
# ## 3. Run

# %% [markdown] lang="zh"
# ## 3. 运行

# %%
plans, table = plans_for(city)
pd.DataFrame({name: names[list(sites)].tolist() for name, sites in plans.items()})

# %%
in_all = set.intersection(*map(set, plans.values()))
reveal("6.1", len(in_all))

# %%
table.round(3)

# %% [markdown] lang="en"
# Read the table by its diagonal: each is best at what was asked, and pays for it elsewhere. The alderman's plan leaves somebody 24 km away. But look at Mrs Okafor's: the *average* reader walks twice as far as in the librarian's plan, and **her worst case is hardly better: 17.7 km**. What is going on?

# %% [markdown] lang="zh"
# 沿对角线看这张表：各自要什么，什么就最好，别处则要付出代价。议员的方案让有些人远在 24 公里之外。再看奥卡福太太的：*平均*路程是馆员方案的两倍，而**最远的人仍有 17.7 公里，并没有好多少**。怎么回事？

# %% [markdown] lang="en"
# ## 4. Hands on
#
# All libraries closed, six to open. Choose the goal in the studio, press *solve*, and compare with your own six. Try the same goal with four and with eight.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 全部关闭，开六处。在工作台里选一个目标，按“求解”，与你自己的六处比一比。同一目标再试四处和八处。

# %%
rule = cp.CircleRule(settlement="urban", limit=3_000, mode=cp.StraightLine())
standard = cp.CircleStandard(id="3 km", rules=(rule,))
SitingStudio(all_closed(city), standard, n_sites=6, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **Who decides? (6.2)** Open **all 77**: `near` is then the way to the nearest. How many people live in tracts more than 9 km from every library? No choice among the 77 can help them.

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **谁说了算？（6.2）** **77 处全开**：`near` 就是到最近一处的距离。有多少人住在离任何馆都超过 9 公里的普查区？在这 77 处里怎么选都帮不了他们。

# %%
near = cp.travel_costs(city, cp.StraightLine(), limit=60_000).nearest()["cost"]
near.nlargest(8).round()

# %% tags=["exercise"] exercise="6.2"
persons = city.demand.persons
beyond = ...
check("6.2", beyond)

# %% tags=["solution"] exercise="6.2"
check("6.2", persons[near > 9_000].sum())

# %% [markdown] lang="en"
# **Surprise.** One percent of the people, by the airport, decide the whole of Mrs Okafor's plan: with four, six or ten libraries the worst case stays 17,694 m, so the solver is free to put the others *anywhere*, and does. "Nobody too far" looks only at the last person. When that one cannot be helped, it looks at nobody.
#
# So take these six tracts out (a mobile library will serve them) and ask again.

# %% [markdown] lang="zh"
# **意外** 机场旁边百分之一的人，决定了奥卡福太太的整个方案：开四处、六处还是十处，最远都是 17,694 米，于是其余的馆放在*哪里*都行，求解器也就真的随便放。“没有人太远”只看最后一个人；这个人帮不了时，它就谁也不看了。
#
# 所以把这六个普查区先拿出来（由流动图书馆服务），再问一遍。

# %%
served_by_bus = near.index[near > 9_000]
rows = ~city.demand.frame["demand_id"].isin(served_by_bus).to_numpy()
inner = city.with_demand(cp.DemandPoints(city.demand.frame[rows]))
inner_plans, inner_table = plans_for(inner)
inner_table.round(3)

# %% [markdown] lang="en"
# Now it is a fair quarrel: 8.4 km at worst instead of 12.2.

# %% [markdown] lang="zh"
# 这下争得公平了：最远 8.4 公里，而不是 12.2 公里。

# %%
before = cp.measure_coverage(all_closed(inner), standard)
after = cp.measure_coverage(with_sites(all_closed(inner), inner_plans["okafor"]), standard)
plotting.siting_map(before, after, order=inner_plans["okafor"], lang=LANGUAGE)

# %% [markdown] lang="en"
# **The price of equality (6.3).** p-center leaves ties open: many plans have 8.4 km at worst. The honest question is: *among those*, which is shortest on average? `shortest_within` gives the p-median only ways up to 8,400 m; then it cannot leave anybody farther. How many **metres more** does the average person go than in the librarian's plan (`inner_table`)?

# %% [markdown] lang="zh"
# **平等的价格（6.3）** p-中心不管并列：最远 8.4 公里的方案有很多。老实的问法是：*其中*哪一个平均最近？`shortest_within` 只给 p-中位问题 8,400 米以内的路程，它就无法让任何人更远。与馆员的方案（`inner_table`）相比，平均每人**多走多少米**？

# %%
costs, people = cp.travel_costs(inner, cp.StraightLine(), limit=60_000), inner.demand.persons
fair_sites = shortest_within(costs, people, 8_400, n_sites=6)
fair = goals_table(costs, people, {"fair": fair_sites}, limit_m=3_000)
fair.round(3)

# %% tags=["exercise"] exercise="6.3"
price_m = ...
check("6.3", price_m)

# %% tags=["solution"] exercise="6.3"
check("6.3", fair.at["fair", "mean_m"] - inner_table.at["librarian", "mean_m"])

# %%
pd.concat([inner_table, fair]).round(3)

# %% [markdown] lang="en"
# **Second surprise.** Breaking the tie costs Mrs Okafor nothing and gives the average reader some 240 m. Whoever asks a solver for one goal alone throws such gifts away.

# %% [markdown] lang="zh"
# **意外之二** 在并列中再挑一挑，奥卡福太太毫无损失，平均每人却近了约 240 米。只拿一个目标去问求解器，等于把这样的礼物扔掉。

# %% [markdown] lang="en"
# ## 6. Modify
#
# How does the price fall when the limit is looser? Try `shortest_within(costs, people, 11_000, n_sites=6)`: what is the **worst** way of anybody then, in metres (6.4)? Stuck? `hint("6.4")`.

# %% [markdown] lang="zh"
# ## 6. 改一改
#
# 放宽上限，价格会怎样降？试 `shortest_within(costs, people, 11_000, n_sites=6)`：这时**最远**的人有多少米（6.4）？卡住了就运行 `hint("6.4")`。

# %% tags=["exercise"] exercise="6.4"
worst_m = ...
check("6.4", worst_m)

# %% tags=["solution"] exercise="6.4"
loose_sites = shortest_within(costs, people, 11_000, n_sites=6)
loose = goals_table(costs, people, {"loose": loose_sites}, limit_m=3_000)
check("6.4", loose.at["loose", "worst_m"])

# %% [markdown] lang="en"
# ## 7. Make: a plan that all three can sign
#
# Find **six** libraries (for the people of `inner`) with an average way of at most **4,000 m**, nobody farther than **10,000 m**, and at least **33 %** of the people within 3 km. None of the three plans above does. Several do.

# %% [markdown] lang="zh"
# ## 7. 创作：三个人都肯签字的方案
#
# 为 `inner` 的居民找**六处**：平均路程不超过 **4,000 米**，没有人超过 **10,000 米**，3 公里之内至少 **33 %** 的人。上面三个方案都做不到，能做到的不止一个。

# %% tags=["exercise"] exercise="6.5"
my_sites = ...
check("6.5", my_sites)

# %% tags=["solution"] exercise="6.5"
check("6.5", shortest_within(costs, people, 10_000, n_sites=6))

# %% [markdown] lang="en"
# ## Limits of this model
#
# "The average reader" is an average over people who never come as well. Everybody is sent to the nearest house, however crowded. Straight lines: across a river, the last person is farther still. Which goal is right is no question of mathematics; the solver only makes sure that nobody pays for it unknowingly.
#
# ## Sources
#
# Hakimi (1964), Operations Research 12, for p-median and p-center; ReVelle and Swain (1970), Geographical Analysis 2; Church and ReVelle (1974), Papers of the Regional Science Association 32. Ogryczak (1997), European Journal of Operational Research 98, on going on after the worst. Data as in lesson 4.

# %% [markdown] lang="zh"
# ## 模型的局限
#
# “普通读者”的平均里也含从不来的人。每个人都被派到最近的馆，不管多挤。都是直线：隔着河，最后那个人其实更远。哪个目标正确，不是数学问题；求解器只保证没有人在不知情时为它付账。
#
# ## 资料来源
#
# p-中位与 p-中心：Hakimi（1964），Operations Research 12；ReVelle 与 Swain（1970），Geographical Analysis 2；Church 与 ReVelle（1974），Papers of the Regional Science Association 32。最坏者之后继续优化：Ogryczak（1997），European Journal of Operational Research 98。数据同第 4 课。
