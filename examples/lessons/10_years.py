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
# # Lesson 10 · Ten rooms in five years
#
# **You will learn** to plan over years: what a scenario is; what person-years are; to phase openings with proof; to see what waiting costs and what order costs; and to put running costs into a budget that does not grow.
#
# **The story.** Shizuishan may open two reading rooms a year for five years. Planner Su has made a list in an afternoon: the ten largest communities that nobody reaches, largest first. Deputy mayor Han wants "the proven optimum" from an institute; the tender takes a year, so building would begin in the second year. Four years are left then, and eight rooms. Who serves the citizens better until the five years are over?

# %% [markdown] lang="zh"
# # 第 10 课 五年十处
#
# **学习目标** 学会跨年度规划：什么是情景；什么是“人年”；怎样带着证明分期开放；等待的代价、次序的代价各有多大；怎样在不增长的预算里算上运行费。
#
# **故事** 石嘴山五年内每年可新开两处书屋。规划员苏婷花一个下午列了张单子：没有任何书屋够得到的十个最大社区，从大到小。韩副市长要委托研究院做“经证明的最优方案”，招标要一年，第二年才能动工，于是只剩四年、八处。到五年结束时，谁让市民得益更多？

# %%
import pandas as pd

import cultureplan as cp
from cultureplan.lab import ComparisonPanel, LabSession, LabState
from cultureplan.lab.lesson_kit import affordable_openings, gains_by_year
from cultureplan.lab.lesson_kit.pictures import yearly_chart

# %% [markdown] lang="en"
# ## 1. Today, and the list
#
# Names, codes and district totals are **real**; where villages and reading rooms lie is modelled (`world.notes["columns"]`). A **person-year** is one person covered for one year more than without the plan: a room opened in the first of five years counts five times, one in the last year once.

# %% [markdown] lang="zh"
# ## 1. 今天，和那张单子
#
# 名称、代码和县区人口是**真实**的，村和书屋的位置是推定的（见 `world.notes["columns"]`）。**人年**：因规划而多一个人被覆盖、覆盖满一年，就是一人年。第一年开的书屋算五次，最后一年开的只算一次。

# %%
world = cp.load_world("shizuishan")
standard = cp.load_circles("shizuishan-2021")
today = cp.measure_coverage(world, standard)
problem = cp.SitingProblem.from_world(world, standard)
free = set(problem.facility_ids) - set(problem.fixed)
largest = [f"{place}-S" for place in today.uncovered().index if f"{place}-S" in free][:10]
su = [largest[start : start + 2] for start in range(0, 10, 2)]
su[0]

# %% [markdown] lang="en"
# ## 2. Predict
#
# Over five years, which brings more person-years?
#
# - `"list"`: Su's list, begun today
# - `"optimum"`: the proven optimum, a year later
# - `"same"`: hardly any difference (within 2 %)

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 五年合计，哪一种人年更多？
#
# - `"list"`：苏婷的单子，今天动工
# - `"optimum"`：经证明的最优方案，晚一年
# - `"same"`：几乎没有差别（2 % 以内）

# %% tags=["exercise"] exercise="10.1"
guess = ...
check("10.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# `PhasedCoverage` chooses the sites and their years together, so that the person-years are most; its answer comes with a bound.

# %% [markdown] lang="zh"
# ## 3. 测算
#
# `PhasedCoverage` 同时选地点和年份，使人年总数最大，并给出上界作为证明。

# %%
result = cp.solve_siting(problem, cp.PhasedCoverage(n_sites=(2, 2, 2, 2, 2)))
new = result.to_frame().query("is_new")
optimum = [new.loc[new["phase"] == year, "facility_id"].tolist() for year in range(1, 6)]
print(result.summary(LANGUAGE))

# %%
plans = {"list": su, "now": optimum, "late": [[], *optimum[:-1]]}
gained = pd.DataFrame(
    {name: gains_by_year(world, standard, plan)["gained_persons"] for name, plan in plans.items()}
)
gained.loc["sum"] = gained.sum()
gained.astype(int)

# %%
sums = gained.loc["sum"]
reveal("10.1", "list" if sums["list"] > sums["late"] else "optimum")

# %% [markdown] lang="en"
# **First surprise.** The afternoon's list brings 200,253 person-years; the perfect plan, a year late, 165,261. Perfect *and* now would be 228,673. The optimum is worth 14 % more than the list; the year of waiting costs more than twice that. Build the first rooms from the list, and let the solver choose the rest meanwhile.

# %% [markdown] lang="zh"
# **意外之一** 一个下午列的单子带来 200,253 人年；完美方案晚一年，只有 165,261 人年；若完美而且不晚，是 228,673 人年。最优比单子多 14 %，等一年的损失是它的两倍多。先按单子开头几处，同时让求解器选后面的。

# %%
picture = yearly_chart(gained.drop("sum"), lang=LANGUAGE)

# %% [markdown] lang="en"
# ## 4. Hands on
#
# Three maps: today; the end of the second year by Su's list; the same by the optimum. In the last one rooms may be moved and closed: read below who gains and who loses.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 三幅地图：今天；按苏婷的单子到第二年末；按最优方案到第二年末。最后一幅里可以移动、关闭书屋，看下方谁得益、谁受损。

# %%
state = LabState.start(world, standard)
for site in su[0] + su[1]:
    state = state.open(site)
state = state.take_snapshot({"en": "Su's list", "zh": "苏婷的单子"}[LANGUAGE]).clear()
for site in optimum[0] + optimum[1]:
    state = state.open(site)
ComparisonPanel(LabSession(state, lang=LANGUAGE), n_maps=3, height_px=320)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **What is proof worth? (10.2)** How many person-years more than the list does the optimum bring when both begin today?

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **证明值多少？（10.2）** 同样今天动工，最优方案比单子多多少人年？

# %% tags=["exercise"] exercise="10.2"
more = ...
check("10.2", more)

# %% tags=["solution"] exercise="10.2"
check("10.2", sums["now"] - sums["list"])

# %% [markdown] lang="en"
# **Modify: the order (10.3).** Su's ten rooms, the smallest first: `su[::-1]`. Nothing else changes; in the fifth year the same ten are open. How many person-years does that bring? Stuck? `hint("10.3")`.

# %% [markdown] lang="zh"
# **改一改：次序（10.3）** 还是苏婷的十处，从小到大开：`su[::-1]`。其他不变，第五年末开的是同样十处。共多少人年？卡住了就运行 `hint("10.3")`。

# %% tags=["exercise"] exercise="10.3"
person_years = ...
check("10.3", person_years)

# %% tags=["solution"] exercise="10.3"
check("10.3", gains_by_year(world, standard, su[::-1])["gained_persons"].sum())

# %% [markdown] lang="en"
# ## 6. A budget that does not grow
#
# Buildings are opened with a ribbon; from then on they cost money every year. Bundled Shizuishan knows no running costs, so for this section we go to Sanheyuan, which is **invented**: nine candidates, 150,000 to 450,000 yuan to build, 30,000 to 96,000 a year to run. The budget is 500,000 yuan a year, for both; the rooms are opened in the order of the table.

# %% [markdown] lang="zh"
# ## 6. 不增长的预算
#
# 剪彩只有一天，花钱却从此年年有。石嘴山的数据没有运行费，所以这一节换到三河原（**虚构**）：九个候选点，建设费 15 万至 45 万元，运行费每年 3 万至 9.6 万元。预算每年 50 万元，建设和运行都从中出；按表中次序开放。

# %%
town = cp.load_world("sanheyuan")
sites = town.facilities.ids[town.facilities.select(status=("candidate",))].tolist()
costs = town.facilities.frame.set_index("facility_id").loc[sites, ["build_cost", "annual_cost"]]
costs.T.astype(int)

# %% [markdown] lang="en"
# **After eight years (10.4).** If running were free, all nine would be open in the sixth year (`pay_to_run=False`). How many are open after eight years when the rooms have to be paid for?

# %% [markdown] lang="zh"
# **八年以后（10.4）** 假如运行不花钱，第六年就全部开放（`pay_to_run=False`）。算上运行费，八年后开了几处？

# %% tags=["exercise"] exercise="10.4"
n_open = ...
check("10.4", n_open)

# %% tags=["solution"] exercise="10.4"
years = affordable_openings(town, sites, yearly_budget=500_000, n_years=8)
check("10.4", int(years["n_open"].iloc[-1]))

# %%
affordable_openings(town, sites, yearly_budget=500_000, n_years=8)

# %% [markdown] lang="en"
# **Second surprise.** Two. And not because the money is gone: from the third year on, 308,000 yuan are left over *every year*, too little for K03, which is next in line, and more than enough for any of the six behind it. A priority list without a look at running costs stops a town. Let the small ones pass:

# %% [markdown] lang="zh"
# **意外之二** 两处。而且不是钱花光了：从第三年起*每年*剩 30.8 万元，不够建排在下一位的 K03，却足够建它后面六处中的任何一处。只看优先次序、不看运行费，整座城就停在那里。让小的先走：

# %%
small_first = sorted(sites, key=lambda site: costs.at[site, "build_cost"])
big_two_first = ["K01", "K02", *[site for site in small_first if site not in ("K01", "K02")]]
orders = {"table": sites, "small first": small_first, "two big first": big_two_first}
opened = {
    name: affordable_openings(town, order, yearly_budget=500_000, n_years=8)["n_open"]
    for name, order in orders.items()
}
pd.DataFrame(opened).T

# %% [markdown] lang="en"
# Six rooms either way, and room for discussion: the two big ones among them, or six small ones two years earlier.
#
# ## 7. Make
#
# Back to Shizuishan. The three districts insist: **each gets a room within the first two years.** Make a plan of five years with at most two rooms a year that keeps this promise and still brings at least 217,000 person-years (95 % of the optimum). Several plans are right.

# %% [markdown] lang="zh"
# 两种次序都能开六处，于是才有得商量：是包含两处大的，还是早两年开齐六处小的。
#
# ## 7. 创作
#
# 回到石嘴山。三个县区都坚持：**前两年每个县区至少一处。** 请做一份五年计划，每年最多两处，兑现这个承诺，而且不少于 217,000 人年（最优的 95 %）。正确答案不止一个。

# %% tags=["exercise"] exercise="10.5"
my_plan = ...  # [[first year], [second year], ...] · [[第一年], [第二年], ……]
check("10.5", my_plan)

# %% tags=["solution"] exercise="10.5"
# four rooms, one of them in each district; then the best that follow · 先定四处，每个县区至少一处，再选其后
counties = [tuple(site for site in free if site.startswith(c)) for c in ("640202", "640205", "640221")]
quotas = [cp.Quota(facility_ids=sites, at_least=1) for sites in counties]
first = cp.solve_siting(
    cp.SitingProblem.from_world(world, standard, quotas=quotas), cp.MaximalCoverage(n_sites=4)
)
four = first.to_frame().query("is_new")["facility_id"].tolist()
then = cp.SitingProblem.from_world(cp.Scenario(world).add(first).apply(), standard)
rest = cp.solve_siting(then, cp.PhasedCoverage(n_sites=(2, 2, 2))).to_frame().query("is_new")
later = [rest.loc[rest["phase"] == year, "facility_id"].tolist() for year in (1, 2, 3)]
check("10.5", [four[:2], four[2:], *later])

# %% [markdown] lang="en"
# The promise costs hardly more than one person-year in a hundred: fairness between districts is cheap here, and nobody would have known without computing it.
#
# ## Limits of this model
#
# The people stay where they are for five years, prices do not rise, and a room opens on the first day of its year. Person-years count everybody alike, today's and those of the fifth year (`year_weights` can discount). Money that is left over may not pass into the next year here; where it may, less is stuck. Sanheyuan's costs are invented.
#
# ## Sources
#
# Schilling (1980), on phased location; Church and ReVelle (1974), on maximal covering. Shizuishan: 石政办发〔2021〕64号.

# %% [markdown] lang="zh"
# 兑现承诺的代价不过百分之一左右的人年：县区间的公平在这里很便宜，而不算一算谁也不知道。
#
# ## 模型的局限
#
# 五年里人口不动，价格不涨，书屋在当年第一天开放。人年对今天和第五年的人一视同仁（`year_weights` 可以折现）。结余在这里不能转入下一年，能结转的地方，卡住的钱会少些。三河原的费用是虚构的。
#
# ## 资料来源
#
# 分期选址：Schilling（1980）；最大覆盖：Church 与 ReVelle（1974）。石嘴山：石政办发〔2021〕64号。
