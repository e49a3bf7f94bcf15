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
# # Lesson 9 · What is required, and who must act
#
# **You will learn** to check a city against its own policy, clause by clause; to tell "not met" from "cannot be assessed"; to send each gap to the department that must act; to follow a case from criticism to re-check; and to see how much a ranking of districts hangs on its weights.
#
# **The story.** Inspector Zhao visits Shizuishan. Its plan of 2021 makes 67 requirements that can be checked. In March Pingluo County (平罗县) is criticised: villages have no amateur arts team. In May the county reports: "27 teams were missing; **27 new teams are registered**." The number is right to the last team. May the case be closed?

# %% [markdown] lang="zh"
# # 第 9 课 要求了什么，由谁负责
#
# **学习目标** 拿一座城市自己的文件逐条检查它；分清“未达到”和“无法判定”；把每个缺口落实到责任部门；跟踪一件事从通报到复查；看清县区排名有多依赖权重。
#
# **故事** 检查员赵敏来到石嘴山。该市 2021 年的方案可逐项检查的要求有 67 项。三月，平罗县被通报：有的村（社区）没有业余文艺团队。五月，县里报告：“缺 27 支，**已新登记 27 支**。”一支不多，一支不少。可以销号了吗？

# %%
import datetime as dt

import numpy as np
import pandas as pd

import cultureplan as cp
from cultureplan import governance, plotting
from cultureplan.lab import StandardsPanel
from cultureplan.lab.lesson_kit import inspected
from cultureplan.standards.sample import sample_registers

# %% [markdown] lang="en"
# ## 1. Inspection with a map alone
#
# The names, codes and clauses are **real** (Shizuishan, 2021); where reading rooms stand is modelled. The paper names no share of people who must be inside the 15-minute circle; 90 % is *our* figure and marked as such.

# %% [markdown] lang="zh"
# ## 1. 只凭地图检查
#
# 名称、代码和条款是**真实**的（石嘴山，2021），书屋位置是推定的。文件没有规定 15 分钟服务圈应覆盖多少人；90 % 是*我们*给的指标，系统会如实标明。

# %%
city = cp.load_world("shizuishan")
standard = cp.load_standard("shizuishan-2021", target_share=0.9)
by_map = cp.check_standard(city, standard)
by_map.counts()

# %% [markdown] lang="en"
# **How far does a map go? (9.1)** How many of the 67 requirements can be *assessed* (met or not) with the map alone?

# %% [markdown] lang="zh"
# **一张地图能查多少？（9.1）** 只凭地图，67 项中有多少项能够*判定*（不论达到与否）？

# %% tags=["exercise"] exercise="9.1"
n_assessable = ...
check("9.1", n_assessable)

# %% tags=["solution"] exercise="9.1"
counts = by_map.counts()
check("9.1", int(counts["MET"] + counts["NOT_MET"]))

# %% [markdown] lang="en"
# Most clauses ask for teams, meetings, training, yearly quantities. Those stand in *registers*. And what cannot be assessed is never counted as passed.
#
# ## 2. Predict
#
# The registers below are **made up**: for every record that a clause asks for, a coin that comes up "done" nine times in ten. A requirement counts as met when *every* finding on it is. How many of the 67 will be met?

# %% [markdown] lang="zh"
# 多数条款问的是队伍、会议、培训、年度数量，这些记在*台账*里。无法判定的，绝不算通过。
#
# ## 2. 先猜
#
# 下面的台账是**虚构**的：条款要求的每条记录，以九成的概率“已完成”。一项要求的*全部*检查结果达到才算达到。67 项中会有多少项达到？

# %% tags=["exercise"] exercise="9.2"
guess = ...  # of 67 · 共 67 项
check("9.2", guess)

# %% [markdown] lang="en"
# ## 3. Run

# %% [markdown] lang="zh"
# ## 3. 检查


# %%
def registers_of(fulfilment):
    """Made-up registers in which this share of what is asked for was done."""
    return sample_registers(city, standard, rng=np.random.default_rng(2021), fulfilment=fulfilment)


registers = registers_of(0.9)
report = cp.check_standard(city, standard, registers)
reveal("9.2", int(report.counts()["MET"]))

# %%
plotting.verdict_matrix(report, "county", lang=LANGUAGE)
# %% [markdown] lang="en"
# ## 4. Hands on
#
# Choose a cell: what was measured, against which figure of which clause, and who must act. Then close a library on the map and check again.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 点一个格子：测得多少、依据哪一条的哪个数、由谁负责。再在地图上关闭一处馆舍，重新检查。

# %%
StandardsPanel(city, standard, "shizuishan-2021", registers=registers, lang=LANGUAGE, height_px=360)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **Modify: nearly perfect (9.3).** Raise the share of records done to 99 % (`registers_of(0.99)`). How many requirements are met now? Guess before you run. Stuck? `hint("9.3")`.

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **改一改：几乎完美（9.3）** 把完成率提高到 99 %（`registers_of(0.99)`）。现在有多少项达到？先猜再算。卡住了就运行 `hint("9.3")`。

# %% tags=["exercise"] exercise="9.3"
n_met = ...
check("9.3", n_met)

# %% tags=["solution"] exercise="9.3"
better = cp.check_standard(city, standard, registers_of(0.99))
check("9.3", int(better.counts()["MET"]))

# %% [markdown] lang="en"
# **First surprise.** 90 % of the records give half of the requirements (34), 99 % give 42. A clause about 326 villages fails when one of them fails. Whoever reports "99 % done" and "a fifth of the assessable clauses failed" tells the same truth twice.
#
# ## 6. Who must act
#
# The paper lists units and their duties. Each gap goes to a lead and to those that support it, with the clause that says so.

# %% [markdown] lang="zh"
# **意外之一** 九成记录完成，只有一半要求达到（34 项）；99 % 完成，是 42 项。一条涉及 326 个村（社区）的要求，只要一处没做到就未达到。“完成 99 %”和“可判定的条款有五分之一不达标”说的可以是同一件事。
#
# ## 6. 由谁负责
#
# 文件列有成员单位和职责。每个缺口都落实到牵头与配合单位，并写明依据。

# %%
duties = governance.load("shizuishan-2021")
assigned = governance.assign(report, duties, lang=LANGUAGE)
governance.task_list(assigned)[["n_findings", "n_requirements"]].head(6)

# %%
county_of = city.places.ancestor_at("county")
pingluo = "640221"
own = assigned[assigned["place_id"].map(county_of) == pingluo]
own.groupby(["requirement", "lead_unit"], sort=False).size().rename("findings").reset_index()

# %% [markdown] lang="en"
# Not every gap *in* the county is *the county's*: circles and 24-hour self-service are led by the city's culture bureau.
#
# ## 7. The case
#
# Pingluo is criticised on 1 March and ordered to put S-STAFF-05 (a team in each village and community) right by 1 June; the deadline is ours, the papers name none. In May: 27 new teams.

# %% [markdown] lang="zh"
# *在*县里的缺口不都*归*县里：服务圈和 24 小时自助服务由市文旅广电局牵头。
#
# ## 7. 整改事项
#
# 3 月 1 日通报平罗县，责令 6 月 1 日前整改 S-STAFF-05（每个村、社区有业余文艺团队）；期限是我们设的，文件没有规定。五月，报来 27 支新队伍。

# %%
cases = governance.open_cases(own, date=dt.date(2024, 3, 1), deadline=dt.date(2024, 6, 1))
case = next(c for c in cases if (c.unit, c.requirement) == ("平罗县", "S-STAFF-05"))
missing = own.loc[own["requirement"] == "S-STAFF-05", "place_id"].tolist()
len(missing), [str(move) for move in case.allowed_moves()]


# %%
def check_with_teams(places):
    """The office checks again with one more team registered in each of the places."""
    new = [{"team_id": f"new-{n}", "kind": "amateur", "place_id": place} for n, place in enumerate(places)]
    teams = pd.concat([registers["teams"], pd.DataFrame(new)], ignore_index=True)
    return cp.check_standard(city, standard, registers.with_table("teams", teams))


def still_failing(later):
    """Places of Pingluo that fail the clause in a later check."""
    failing = later.not_met().query("requirement == 'S-STAFF-05'")["place_id"]
    return failing[failing.map(county_of) == pingluo]


# %% [markdown] lang="en"
# **The re-check (9.4).** The registers show that all 27 teams were registered in one and the same village, the first of `missing`. How many places of Pingluo still fail the clause?

# %% [markdown] lang="zh"
# **复查（9.4）** 台账显示，27 支队伍全登记在同一个村，即 `missing` 的第一个。平罗县还有多少处在这一条上未达到？

# %% tags=["exercise"] exercise="9.4"
n_failing = ...
check("9.4", n_failing)

# %% tags=["solution"] exercise="9.4"
later = check_with_teams(missing[:1] * 27)
check("9.4", len(still_failing(later)))

# %%
later = check_with_teams(missing[:1] * 27)
rechecked = governance.recheck(case, later, governance.assign(later, duties), date=dt.date(2024, 6, 3))
rechecked.moves[-1].passed, [str(move) for move in rechecked.allowed_moves()]

# %% [markdown] lang="en"
# **Second surprise.** 27 missing, 27 registered, and the re-check fails: 26 places have no team. A total for the county would have passed it. The clause says *each* village, and so does the finding. Whoever inspects by totals invites this.
#
# A team in each of the 27:

# %% [markdown] lang="zh"
# **意外之二** 缺 27，补 27，复查却不通过：还有 26 处没有队伍。若只看全县合计，就放过去了。条款说的是*每个*村，检查也逐个判定。按合计检查，等于鼓励这样做。
#
# 在 27 处各登记一支：

# %%
mended = check_with_teams(missing)
rechecked = governance.recheck(case, mended, governance.assign(mended, duties), date=dt.date(2024, 6, 20))
len(still_failing(mended)), rechecked.moves[-1].passed, mended.verdict("S-STAFF-05")

# %% [markdown] lang="en"
# The county's case may be closed, and the *city* still fails the clause: fifteen places of the two districts have no team either. A case belongs to a unit, a verdict to the whole plan.
#
# ## 8. Who is best?
#
# Kundulun's rules (K-EVAL-02) make an evaluation of four components: monitoring, satisfaction, field visits, process; they give **no weights**. Below, coverage is measured; the other three columns are **invented**.

# %% [markdown] lang="zh"
# 县里的事项可以销号，而*全市*在这一条上仍未达到：另两个区还有十五处没有队伍。整改事项归单位，结论归全局。
#
# ## 8. 谁第一？
#
# 昆都仑的办法（K-EVAL-02）规定评价分四块：成效监测、满意度、实地核查、过程管理，但**没有权重**。下表的覆盖率是测算的，其余三列是**虚构**的。

# %%
equal = dict.fromkeys(("monitoring", "satisfaction", "field", "process"), 0.25)
evaluation = inspected(city, equal)
names = city.places.names if LANGUAGE == "zh" else city.places.frame.set_index("place_id")["name_en"]
evaluation.to_frame(LANGUAGE).rename(index=names).round(2)

# %%
sure = evaluation.rank_sensitivity(rng=np.random.default_rng(9), concentration=None, n_draws=2_000)
sure[["rank", "holds_share", "best_rank", "worst_rank"]].rename(index=names).round(2)

# %% [markdown] lang="en"
# With any weights whatever, each of the three can be first *and* each can be last.
#
# ## 9. Make
#
# Find weights, each at least 0.1 and summing to 1, by which **Pingluo** (`640221`) ranks first. Then ask yourself what you would answer to somebody who announces the ranking without them.

# %% [markdown] lang="zh"
# 只要权重任意，三个县区都可能第一，*也*都可能垫底。
#
# ## 9. 创作
#
# 找出一组权重，每项不低于 0.1，合计为 1，使**平罗县**（`640221`）排名第一。再想一想：有人公布排名却不公布权重，你会怎么回答？

# %% tags=["exercise"] exercise="9.5"
weights = ...  # {"monitoring": ..., "satisfaction": ..., "field": ..., "process": ...}
check("9.5", weights)

# %% tags=["solution"] exercise="9.5"
check("9.5", {"monitoring": 0.1, "satisfaction": 0.1, "field": 0.7, "process": 0.1})

# %% [markdown] lang="en"
# ## Limits of this model
#
# The registers are made up, and real ones are written by those who are inspected: a check reads what is recorded, not what happens. Visits without notice are the remedy. A team is a row here; whether it ever sings, no clause asks. The process of cases follows Kundulun's paper; Shizuishan's has no such rules. The figure of 90 % is ours.
#
# ## Sources
#
# Shizuishan 石政办发〔2021〕64号 (67 requirements and the annex on duties); Kundulun District, reform of the leading group (K-EVAL-01 to K-EVAL-05, K-RS-04). Every figure stands with clause and status in `cp.load_standard(...)`.

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 台账是虚构的；真实台账也由被检查者填写，检查读到的是记录，不是事实，对策是不打招呼的实地核查。一支队伍在这里只是一行记录，是否真的活动，条款没有问。整改流程依据昆都仑的文件，石嘴山的文件没有这类规定。90 % 是我们给的数。
#
# ## 资料来源
#
# 石政办发〔2021〕64号（67 项要求及职责附件）；昆都仑区示范区创新发展领导小组文件（K-EVAL-01 至 K-EVAL-05、K-RS-04）。每个数字的条款与状态见 `cp.load_standard(...)`。
