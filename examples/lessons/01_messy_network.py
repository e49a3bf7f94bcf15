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
# # Lesson 1 · A first service network, and messy data
#
# **You will learn** to read a world from a folder of tables; to see the four levels of a library network as a tree; to mend what a clerk typed, with the program pointing at the row; and to know what no program can point at.
#
# **The story.** It is Xiao Wang's first Monday at the library of Sanheyuan. Director Zhou asks two things: *"How many houses answer for their books to the Hechuan district library? And the county has sent its tables. Are they all right?"* The folder has four files. She has until lunch.

# %% [markdown] lang="zh"
# # 第 1 课 第一张服务网络，和不干净的数据
#
# **学习目标** 会从一个表格文件夹读入“世界”；把四级图书馆网络看成一棵树；程序指出哪一行，你来改正；并且知道有哪些错误是任何程序都指不出来的。
#
# **故事** 小王到三河原市图书馆上班的第一个星期一。周馆长交给她两件事：*“有多少处馆舍站点归河川区图书馆管？县里把表发来了，有没有问题？”* 文件夹里有四个文件，午饭前要答复。

# %%
import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.lab import HierarchyPanel
from cultureplan.lab.lesson_kit import replace_cells
from cultureplan.lab.lesson_kit.clerks_folder import write_clerks_folder

# %% [markdown] lang="en"
# ## 1. A world
#
# A *world* is what stands on the ground: facilities on four levels (中心馆 central, 总馆 head, 分馆 branch, 服务点 service point), people, places. Sanheyuan is an **invented** town; the tables are small enough to read with your eyes.

# %% [markdown] lang="zh"
# ## 1. 世界
#
# “世界”就是地面上有什么：四级设施（中心馆、总馆、分馆、服务点）、居民、行政区划。三河原是**虚构**的小城，表小到可以用眼睛读完。

# %%
world = cp.load_world("sanheyuan")
world.facilities.frame[["facility_id", "name", "level", "parent_id", "status"]].head(8)

# %%
plotting.hierarchy_tree(world, lang=LANGUAGE)
# %% [markdown] lang="en"
# ## 2. Predict
#
# The county's folder is the same town, typed by a tired clerk. There are **seven** slips in it. How many of them will the program report when it reads the folder for the first time? Write down a whole number.

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 县里发来的是同一座小城，由一位疲惫的办事员录入，其中有**七处**笔误。第一次读入时，程序会报告几处？写下一个整数。

# %% tags=["exercise"] exercise="1.1"
guess = ...
check("1.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# A program that stops at the first fault makes you read the folder seven times. This one lists every fault of every file at once, each with its row (as the spreadsheet counts: the headings are row 1) and what to do.

# %% [markdown] lang="zh"
# ## 3. 运行
#
# 遇到第一个错误就停下的程序，会让你把文件夹读七遍。这里一次列出所有文件的所有错误，写明行号（与电子表格一致，表头为第 1 行）和改法。

# %%
folder = write_clerks_folder("clerk")
try:
    cp.read_world(folder)
except cp.CulturePlanError as error:
    faults = error.faults
    print(error.render(LANGUAGE))

# %%
reveal("1.1", len(faults))

# %% [markdown] lang="en"
# Five of seven. One of the missing two is hidden *behind* the others: who reports to whom can be judged only when every id is unique. The last one is a story of its own: see below.

# %% [markdown] lang="zh"
# 七处中只报了五处。缺的两处，一处藏在其他错误*后面*：编号不唯一，就无法判断谁归谁管。另一处后面单独讲。

# %% [markdown] lang="en"
# ## 4. Hands on
#
# The tree and the map of the town, linked. Click a branch: everything below it lights up on the map. Move a service point to another branch, and undo it.

# %% [markdown] lang="zh"
# ## 4. 动手
#
# 小城的树与地图互相联动。点一处分馆，它下面的一切都在地图上亮起。把一个服务点改归另一分馆，再撤销。

# %%
HierarchyPanel(world, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 5. Investigate
#
# **The director's first question (1.2).** How many facilities answer to the Hechuan district library, `F02`, directly **or through somebody else**? `world.network` knows `children(id)` and `descendants(id)`. Closed houses and candidate sites answer to nobody.

# %% [markdown] lang="zh"
# ## 5. 探究
#
# **馆长的第一问（1.2）** 直接**或间接**归河川区图书馆 `F02` 管的设施有多少处？`world.network` 有 `children(id)` 和 `descendants(id)`。已停用的和候选的不归任何馆管。

# %% tags=["exercise"] exercise="1.2"
n_below = ...
check("1.2", n_below)

# %% tags=["solution"] exercise="1.2"
n_below = len(world.network.descendants("F02"))
check("1.2", n_below)

# %% [markdown] lang="en"
# **A real city (1.3).** Shizuishan in Ningxia: real places and head counts of the census; who runs which reading room is modelled by rule (`world.notes["columns"]` says so column by column). Which of its head libraries (`level` is `head`) has the most below it? Give its id.

# %% [markdown] lang="zh"
# **真实的城市（1.3）** 宁夏石嘴山：行政区划与普查人口是真实的，哪处书屋归谁管是按规则推定的（`world.notes["columns"]` 逐列说明）。哪一处总馆（`level` 为 `head`）下面的设施最多？给出编号。

# %% tags=["exercise"] exercise="1.3"
real = cp.load_world("shizuishan")
heads = real.facilities.ids[real.facilities.select(levels=("head",))]
most = ...
check("1.3", most)

# %% tags=["solution"] exercise="1.3"
sizes = pd.Series({head: len(real.network.descendants(head)) for head in heads})
check("1.3", sizes.idxmax())

# %%
sizes = {head: len(real.network.descendants(head)) for head in heads}
direct = {head: len(real.network.children(head)) for head in heads}
pd.DataFrame({"below": sizes, "directly": direct})

# %% [markdown] lang="en"
# **Surprise.** Counted by direct reports the three are alike: 11, 12, 13. Counted to the ground they are 27, 41 and 100. A chart that stops one level down hides who has the work.

# %% [markdown] lang="zh"
# **意外** 只看直接下级，三处差不多：11、12、13；一直数到底，是 27、41 和 100。只画一层的组织图，看不出活儿在谁身上。

# %% [markdown] lang="en"
# ## 6. Modify: mend the folder
#
# `replace_cells(folder / "facilities.csv", row, heading=value)` changes one cell, as the message names row and heading. Four are mended below. What is missing at row 14 stands on the clerk's paper form: longitude **104.725686**. Mend it, then read again: which fault appears that was hidden before? Answer with the id **as the clerk typed it** (1.4).

# %% [markdown] lang="zh"
# ## 6. 改一改：把表改对
#
# `replace_cells(folder / "facilities.csv", 行号, 列名=值)` 改一个单元格，行号与列名照错误信息。下面已改四处。第 14 行缺的经度在纸质登记表上有：**104.725686**。改好后再读一次：哪个原先藏着的错误出现了？请回答办事员**写下的那个编号**（1.4）。

# %%
replace_cells(folder / "facilities.csv", 12, level="service_point")
replace_cells(folder / "facilities.csv", 10, facility_id="F09")
replace_cells(folder / "demand.csv", 15, persons=1200)
replace_cells(folder / "demand.csv", 34, settlement="rural")

# %% tags=["exercise"] exercise="1.4"
# replace_cells(folder / "facilities.csv", 14, lon=...)
# cp.read_world(folder)
hidden = ...
check("1.4", hidden)

# %% tags=["solution"] exercise="1.4"
replace_cells(folder / "facilities.csv", 14, lon=104.725686)
try:
    cp.read_world(folder)
except cp.CulturePlanError as error:
    check("1.4", error.faults[0].samples[0])

# %% [markdown] lang="en"
# Six found, all mended but one. And the seventh? The yearbook says **26,388** people live in Sanheyuan. How many has the clerk lost (1.5)? Mend the parent first (`parent_id`, row 6, is `F02`), then read the world and sum `world.demand.persons`.

# %% [markdown] lang="zh"
# 找到六处，还剩一处没改。第七处呢？年鉴上写着三河原有 **26,388** 人。办事员弄丢了多少人（1.5）？先改好上级（第 6 行 `parent_id` 为 `F02`），读入后对 `world.demand.persons` 求和。

# %% tags=["exercise"] exercise="1.5"
# replace_cells(folder / "facilities.csv", 6, parent_id=...)
lost = ...
check("1.5", lost)

# %% tags=["solution"] exercise="1.5"
replace_cells(folder / "facilities.csv", 6, parent_id="F02")
lost = 26_388 - cp.read_world(folder).demand.persons.sum()
check("1.5", lost)

# %% [markdown] lang="en"
# **Second surprise.** The folder now reads without a single fault and is still wrong. 1,500 became 1,050: a number like any other. What no rule can see, a second source can: a total in a yearbook, last year's table, a walk through the street.

# %% [markdown] lang="zh"
# **意外之二** 文件夹现在读入毫无错误，却仍然是错的：1,500 写成了 1,050，看上去和别的数一样。规则看不出来的，要靠另一个来源：年鉴里的合计、去年的表，或到街上走一趟。

# %% [markdown] lang="en"
# ## 7. Make
#
# Deliver a folder that can be trusted: it reads without faults, its people add up to the yearbook's 26,388, **each community's** people agree with the street office's list below, and the Liulin station reports to Hechuan. Answer with the folder; the check reads it.

# %% [markdown] lang="zh"
# ## 7. 创作
#
# 交出一个可信的文件夹：读入无错误；人口合计等于年鉴的 26,388；**每个社区**的人口与下面街道办的名单一致；柳林站归河川区馆管。用文件夹作答，检查时会读入它。

# %%
office = world.demand.persons.groupby(world.demand_places).sum()
office.head(5)

# %% tags=["exercise"] exercise="1.6"
my_folder = ...  # folder
check("1.6", my_folder)

# %% tags=["solution"] exercise="1.6"
typed = cp.read_world(folder).demand
by_place = typed.persons.groupby(typed.frame.set_index("demand_id")["place_id"]).sum()
print((office - by_place)[lambda gap: gap != 0])
replace_cells(folder / "demand.csv", 6, persons=1500)
check("1.6", folder)

# %% [markdown] lang="en"
# ## Limits of this model
#
# A tree knows one parent for each house. Real ones often have two: the township pays the wages, the county library sends the books. A table is a photograph of one day; nobody knows which.
#
# ## Sources
#
# Sanheyuan is invented for this project. Shizuishan: places and codes of the National Bureau of Statistics, head counts of the 2020 census by county; see `cp.datasets.source_page("shizuishan")`. The four levels: guidance on head-branch systems of county libraries and culture houses (Ministry of Culture and others, 2016).

# %% [markdown] lang="zh"
# ## 模型的局限
#
# 树里每处设施只有一个上级，现实中常有两个：乡镇发工资，县馆送书。一张表是某一天的快照，而没人知道是哪一天。
#
# ## 资料来源
#
# 三河原为本项目虚构。石嘴山：国家统计局区划代码，2020 年普查分县区人口，见 `cp.datasets.source_page("shizuishan")`。四级体系：《关于推进县级文化馆图书馆总分馆制建设的指导意见》（文化部等，2016）。
