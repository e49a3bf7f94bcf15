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
# # Extra lesson · The hours of the week
#
# **You will learn** to measure coverage for each half hour of a real week; to see that "covered" means "covered while the door is open"; and to find an investment that no coverage map can see.
#
# **The story.** Dana (invented) works in an office in Chicago until six. Her library is 600 metres away, and closed whenever she is free. *"You are covered,"* says the map. *"When?"* asks Dana.

# %% [markdown] lang="zh"
# # 附加课 一周的时间
#
# **学习目标** 会按真实的开放时间测算一周每半小时的覆盖；明白“已覆盖”其实是“开着门时已覆盖”；会找到一项在覆盖图上看不见的投资。
#
# **故事** 达娜（虚构人物）在芝加哥上班到六点。图书馆离她家 600 米，她有空的时候却总是关着门。*“你已经被覆盖了。”*地图说。*“什么时候？”*达娜问。

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import CoverageExplorer
from cultureplan.lab.lesson_kit.choosing import city_of_chicago, with_corners

# %% [markdown] lang="en"
# ## 1. Real hours
#
# Chicago's libraries and their hours of 2019, people of the city by census tract. Most branches are open 48 hours a week, on two days from 10 to 6 and on two from noon to 8; about half of them have the days the other way round.

# %% [markdown] lang="zh"
# ## 1. 真实的开放时间
#
# 芝加哥 2019 年的馆舍与开放时间，市区各普查区人口。多数分馆每周开放 48 小时：两天 10 点至 18 点，两天 12 点至 20 点，约一半分馆的日子与另一半相反。

# %%
city = city_of_chicago(cp.load_world("chicago"))
rule = cp.CircleRule(settlement="urban", limit=15, mode=cp.Walking())
standard = cp.CircleStandard(id="15-minutes-on-foot", rules=(rule,))
always = cp.measure_coverage(city, standard)
always.share

# %% [markdown] lang="en"
# ## 2. Predict
#
# If all doors were always open, 48 % of the people would be covered. What share is it **on average over all 168 hours of the week**? Write a number between 0 and 1.

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 假如大门永远敞开，覆盖率是 48 %。**全周 168 小时平均**是多少？写一个 0 到 1 之间的数。

# %% tags=["exercise"] exercise="x1.1"
guess = ...
check("x1.1", guess)

# %% [markdown] lang="en"
# ## 3. Run

# %% [markdown] lang="zh"
# ## 3. 测算

# %%
weekly = cp.hours.measure_weekly_coverage(city, standard, country="US")
plotting.week_hours(weekly, lang=LANGUAGE)

# %%
periods = weekly.by_period()
periods.round(3)

# %%
reveal("x1.1", periods.at["week", "mean_share"])

# %% [markdown] lang="en"
# 14 % on average, 3.6 % on Sunday afternoon: 4 of 77 libraries are open then. The rota is fair, though: every branch has its late days, so *everybody* covered at all is covered on some evening.

# %% [markdown] lang="zh"
# 全周平均 14 %，星期天下午 3.6 %：77 处中只有 4 处开门。不过排班很公平：每处都有晚间开放日，所以凡被覆盖的人每周*都有*某个晚上可去。

# %% [markdown] lang="en"
# ## 4. Hands on
#
# Choose an hour of the week in the panel and watch the circles go out. Find an hour at which exactly four are left.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 在面板里选一周中的某个时刻，看圈一个个熄灭。找一个只剩四个圈的时刻。

# %%
CoverageExplorer(city, standard, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **Sunday at three (x1.2).** `cp.hours.world_at(city, moment, country="US")` is the city with only the open doors. How many people are covered on Sunday, 8 March 2026, at 15:00?

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **星期天下午三点（x1.2）** `cp.hours.world_at(city, 时刻, country="US")` 给出只含开门设施的城市。2026 年 3 月 8 日星期天 15:00，有多少人被覆盖？

# %% tags=["exercise"] exercise="x1.2"
moment = pd.Timestamp("2026-03-08 15:00")
on_sunday = ...
check("x1.2", on_sunday)

# %% tags=["solution"] exercise="x1.2"
open_doors = cp.hours.world_at(city, moment, country="US")
check("x1.2", cp.measure_coverage(open_doors, standard).persons)

# %% [markdown] lang="en"
# ## 6. Modify: night owls
#
# Put a 24-hour self-service corner into five of the libraries, those which together reach most people. `with_corners` does it. How many **more people** does the coverage *map* show then (x1.3)?

# %% [markdown] lang="zh"
# ## 6. 改一改：夜猫子
#
# 在五处馆内设 24 小时自助服务，选合起来覆盖人最多的五处，`with_corners` 会照办。这时覆盖*图*上**多了**多少人（x1.3）？

# %%
costs = cp.travel_costs(city, cp.Walking(), limit=15)
problem = cp.SitingProblem(costs=costs, persons=city.demand.persons, limit=15.0)
hosts = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=5)).selected
later = with_corners(city, hosts)

# %% tags=["exercise"] exercise="x1.3"
more = ...
check("x1.3", more)

# %% tags=["solution"] exercise="x1.3"
check("x1.3", cp.measure_coverage(later, standard).persons - always.persons)

# %%
weekly_later = cp.hours.measure_weekly_coverage(later, standard, country="US")
plotting.week_hours(weekly_later, lang=LANGUAGE)

# %%
shares = {"today": periods["mean_share"], "with_corners": weekly_later.by_period()["mean_share"]}
table = pd.DataFrame(shares)
table.assign(times=table["with_corners"] / table["today"]).round(3)

# %% [markdown] lang="en"
# **Surprise.** On the map: nothing, not one person. In the week: five corners add a third to all covered hours (14.1 % to 18.9 %) and **double** what working people have outside office hours (5.7 % to 11.8 %). A plan that is judged by coverage alone will never pay for them.

# %% [markdown] lang="zh"
# **意外** 覆盖图上毫无变化，一个人也没多。一周里却不同：五处自助服务使覆盖小时增加三分之一（14.1 % 到 18.9 %），使上班族工作时间以外的覆盖**翻倍**（5.7 % 到 11.8 %）。只按覆盖率评判的规划永远不会为它付钱。

# %% [markdown] lang="en"
# ## 7. Make
#
# Choose **five libraries of your own** for the corners, such that the average over the week reaches at least **18 %**. Several sets will do.

# %% [markdown] lang="zh"
# ## 7. 创作
#
# **自己选五处馆**设自助服务，使全周平均达到至少 **18 %**。答案不止一个。

# %% tags=["exercise"] exercise="x1.4"
my_hosts = ...
check("x1.4", my_hosts)

# %% tags=["solution"] exercise="x1.4"
check("x1.4", hosts)

# %% [markdown] lang="en"
# ## Limits of this model
#
# Hours are what the list states, without holidays. Nobody walks at three in the morning as at three in the afternoon; a self-service corner has books and no librarian. Half-hour slots; a straight line times 1.2. Where hours are missing in a table, the facility counts as closed unless you say otherwise (`missing="open"`), and `weekly.opening.unknown` lists it.
#
# ## Sources
#
# Libraries and hours: City of Chicago Data Portal, 2019; tracts: US Census 2010; `cp.datasets.source_page("chicago")`. Opening hours are read in the syntax of OpenStreetMap.

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 用的是名录中的时间，没有节假日。凌晨三点和下午三点走路的人不一样；自助服务有书而没有馆员。按半小时计；路程为直线的 1.2 倍。表中没有填写开放时间的设施按关闭计，除非另行指定（`missing="open"`），`weekly.opening.unknown` 会列出它们。
#
# ## 资料来源
#
# 图书馆与开放时间：芝加哥市数据门户，2019 年；普查区：美国 2010 年普查；`cp.datasets.source_page("chicago")`。开放时间采用 OpenStreetMap 的写法。
