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
# # Lesson 12 · Your own city
#
# **You will** do the whole job once, from two tables as offices send them to a report that a mayor can read: find the faults, mend them, measure, choose sites with proof, compare, write. First with a sample, then with **your own folder**.
#
# **The story.** Planner Liang gets two files about Qingqu County: the list of libraries, made with a web map, and the people, counted by the survey office with satellite receivers. "It is all correct", says the letter. By Friday the mayor wants to know where two new reading rooms should go.

# %% [markdown] lang="zh"
# # 第 12 课 你自己的城市
#
# **这一课** 把整件事从头到尾做一遍：从部门发来的两张表，到一份市长看得懂的报告。找出错误、改正、测算、带着证明选址、比较、成文。先用样例，再用**你自己的文件夹**。
#
# **故事** 规划员梁晨收到清渠县的两个文件：一份是照着网络地图整理的设施名录，一份是统计部门用卫星定位采集的人口。来函说：“数据全部无误。”周五前，县长要知道两处新书屋建在哪里。

# %%
import tempfile
from pathlib import Path

import pandas as pd

import cultureplan as cp
from cultureplan import plotting
from cultureplan.io.folder import check_world
from cultureplan.lab import SitingStudio
from cultureplan.lab.lesson_kit import declare_coordinates, replace_cells, write_sample_town
from cultureplan.report import write_report

# %% [markdown] lang="en"
# ## 1. What came
#
# Qingqu is **invented**, every row and every column of it, and so are its faults, though each of them has been seen in real tables. `facilities.csv` is encoded in GB18030, as old office software writes it; `demand.csv` in UTF-8. Neither must be converted by hand.

# %% [markdown] lang="zh"
# ## 1. 收到了什么
#
# 清渠县是**虚构**的，每一行、每一列都是；错误也是埋进去的，不过每一种都在真实表格里见过。`facilities.csv` 是 GB18030 编码（老办公软件的写法），`demand.csv` 是 UTF-8，都不需要手工转换。

# %%
folder = write_sample_town(Path(tempfile.mkdtemp()) / "qingqu")
facilities, demand = folder / "facilities.csv", folder / "demand.csv"
pd.read_csv(facilities, encoding="gb18030", dtype=str).head(8)

# %%
pd.read_csv(demand, dtype=str).iloc[4:12]

# %% [markdown] lang="en"
# ## 2. Predict
#
# 13 facilities, 34 rows of people, one settings file. How many faults will the reader list?

# %% [markdown] lang="zh"
# ## 2. 先猜
#
# 13 处设施，34 行人口，一个设置文件。读取时会列出多少处错误？

# %% tags=["exercise"] exercise="12.1"
guess = ...
check("12.1", guess)

# %% [markdown] lang="en"
# ## 3. Run
#
# Every fault of every file at once, with file, row, column, value and what to do.

# %% [markdown] lang="zh"
# ## 3. 检查
#
# 所有文件的所有错误一次列出：文件、行、列、值，以及怎么改。

# %%
faults = check_world(folder)
print("\n\n".join(fault.render(LANGUAGE) for fault in faults))

# %%
reveal("12.1", len(faults))

# %% [markdown] lang="en"
# ## 4. Mend
#
# Rows are counted as the messages count them (the headings are row 1). Liang calls the offices: the minus in row 7 was a slip, row 12 was an estimate and is now counted, row 28 is 800, the suburb counts as rural.

# %% [markdown] lang="zh"
# ## 4. 改正
#
# 行号与提示一致（表头是第 1 行）。梁晨逐个打电话：第 7 行的负号是误打；第 12 行原是估计，现已核实；第 28 行是 800 人；城郊那一处按农村算。

# %%
replace_cells(facilities, 4, 经度="104.426812", 纬度="39.606714")
replace_cells(facilities, 6, 设施编号="QQ-F05")
replace_cells(facilities, 9, 级别="服务点")
replace_cells(demand, 7, 人口=1610)
replace_cells(demand, 12, 人口=1360)
replace_cells(demand, 28, 人口=800)
replace_cells(demand, 31, 城乡类型="农村")
declare_coordinates(folder, facilities="gcj02", demand="wgs84")

# %% [markdown] lang="en"
# **Once more (12.2).** All eight are mended. How many faults does the reader list *now*?

# %% [markdown] lang="zh"
# **再查一遍（12.2）** 八处都改了。*现在*还列出多少处？

# %% tags=["exercise"] exercise="12.2"
n_left = ...
check("12.2", n_left)

# %% tags=["solution"] exercise="12.2"
print("\n".join(fault.render(LANGUAGE) for fault in check_world(folder)))
check("12.2", len(check_world(folder)))

# %% [markdown] lang="en"
# While one id stood twice, nobody could say who reports to whom; only now can the parents be looked up. Faults hide behind faults: check again after mending.

# %% [markdown] lang="zh"
# 编号重复时，谁归谁管无从查起；改好以后才查得出上级。错误后面还藏着错误：改完一定要再查。

# %%
replace_cells(facilities, 7, 上级编号="QQ-F02")
world = cp.read_world(folder)
world

# %% [markdown] lang="en"
# ## 5. Measure

# %% [markdown] lang="zh"
# ## 5. 测算

# %%
standard = cp.load_circles("ordos-2014")
today = cp.measure_coverage(world, standard)
today.summary(LANGUAGE)

# %%
plotting.coverage_map(today, lang=LANGUAGE)

# %% [markdown] lang="en"
# **The fault that nobody lists (12.3).** `world.toml` now says that the list of libraries is in GCJ-02, the shifted coordinates of Chinese web maps. Suppose Liang had not asked, and had declared both tables as WGS84. There would be *no fault*. How many **persons** would be judged wrongly (covered by one reading, not covered by the other)?

# %% [markdown] lang="zh"
# **谁也列不出来的错（12.3）** `world.toml` 现在写明设施名录是 GCJ-02，即中国网络地图加偏的坐标。假如梁晨没有问，把两张表都写成 WGS84，检查会显示*没有错误*。那么有多少**人**会被误判（一种读法算覆盖，另一种不算）？

# %%
declare_coordinates(folder, facilities="wgs84", demand="wgs84")
print(len(check_world(folder)))
careless = cp.measure_coverage(cp.read_world(folder), standard)
declare_coordinates(folder, facilities="gcj02", demand="wgs84")
round(careless.share, 3), round(today.share, 3)

# %% tags=["exercise"] exercise="12.3"
judged_wrongly = ...
check("12.3", judged_wrongly)

# %% tags=["solution"] exercise="12.3"
differs = careless.is_covered != today.is_covered
check("12.3", world.demand.persons[differs].sum())

# %% [markdown] lang="en"
# **The surprise.** 74.6 instead of 76.0 percent: the headline hardly moves, and 2,740 people, one in thirteen, are judged wrongly, because all libraries stand some 285 m beside themselves. The eight loud faults would have stopped the job; the silent one would have gone to the mayor. (Had *both* tables been shifted alike, nothing would have changed: only differences matter.) No program can find this out. Somebody must ask: **where are your coordinates from?**
#
# ## 6. Hands on
#
# Choose two sites by eye, then let the solver try to beat you.

# %% [markdown] lang="zh"
# **意外** 74.6 %，而不是 76.0 %：总数几乎没动，却有 2,740 人（十三分之一）被误判，因为所有馆舍都偏了约 285 米。八处响亮的错误会让工作停下来，不出声的那一处却会一路送到县长桌上。（如果*两张*表都同样偏移，结果倒不会变：要紧的是相对位置。）这一点任何程序都查不出来，必须有人去问：**你们的坐标是从哪里来的？**
#
# ## 6. 动手
#
# 先凭眼力选两处，再看求解器能不能胜过你。

# %%
SitingStudio(world, standard, n_sites=2, lang=LANGUAGE, height_px=380)

# %% [markdown] lang="en"
# ## 7. Choose, compare
#
# **Modify (12.4).** Which two candidates should be opened? Give the ids, or the solver's result. Stuck? `hint("12.4")`.

# %% [markdown] lang="zh"
# ## 7. 选址与比较
#
# **改一改（12.4）** 应该开哪两处候选点？给出编号，或直接给求解结果。卡住了就运行 `hint("12.4")`。

# %% tags=["exercise"] exercise="12.4"
two_sites = ...
check("12.4", two_sites)

# %% tags=["solution"] exercise="12.4"
problem = cp.SitingProblem.from_world(world, standard)
two_sites = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=2))
check("12.4", two_sites)

# %% [markdown] lang="en"
# ## 8. Make: the report, with your own data
#
# The whole job in one function. Run it on the sample; then put **your** tables into a folder (`facilities.csv`, `demand.csv`, `world.toml`: copy the sample's and write over it; headings may be Chinese or English) and run it again. Give `check` the path of the report.

# %% [markdown] lang="zh"
# ## 8. 创作：用你自己的数据写报告
#
# 整件事写成一个函数。先用样例运行；再把**你的**表放进一个文件夹（`facilities.csv`、`demand.csv`、`world.toml`，可以照样例改写，表头中英文都行），再运行一次。把报告的路径交给 `check`。


# %%
def whole_job(folder, out, *, circles="ordos-2014", n_sites=2):
    """Read a folder, measure it, choose sites, and write the report; faults are listed instead."""
    if faults := check_world(folder):
        return [fault.render(LANGUAGE) for fault in faults]
    world, standard = cp.read_world(folder), cp.load_circles(circles)
    coverage = cp.measure_coverage(world, standard)
    problem = cp.SitingProblem.from_world(world, standard)
    result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=n_sites))
    plan = {"coverage": coverage, "siting": result, "lang": LANGUAGE}
    return write_report(out, world=world, standard=standard, **plan)


# %% tags=["exercise"] exercise="12.5"
my_report = ...  # whole_job("path/to/my/folder", "my_report")
check("12.5", my_report)

# %% tags=["solution"] exercise="12.5"
my_report = whole_job(folder, folder.parent / "report")
print(my_report.name, sorted(file.name for file in (my_report.parent / "maps").iterdir()))
check("12.5", my_report)

# %% [markdown] lang="en"
# Open `report.html` in a browser; print it there as PDF. Beside it lie the tables as CSV and Excel and the maps as GeoJSON, so that everybody can check every figure.
#
# ## Limits of this model
#
# A reader of tables finds what contradicts itself or the rules of a table. It does not find a wrong count, a library that closed last year, or coordinates from another map. The report says what it was told: who made the data, and what is assumed, stands in its last chapters, and is worth reading first.
#
# ## Sources
#
# Circles: Ordos pilot plan 2014 (O-COV-01, O-COV-02). Files and headings: the documentation page on the world folder. The shift of GCJ-02 is measured there as up to 700 m.

# %% [markdown] lang="zh"
# 用浏览器打开 `report.html`，可以打印成 PDF。旁边是 CSV 与 Excel 表格和 GeoJSON 地图，每个数字人人都能核对。
#
# ## 模型的局限
#
# 读表的程序能发现自相矛盾和违反表格规则的地方，却发现不了数错的人口、去年关掉的书屋，或来自另一种地图的坐标。报告只能照给它的数据说话：数据由谁提供、作了哪些假定，写在报告最后几章，值得最先读。
#
# ## 资料来源
#
# 服务圈：鄂尔多斯 2014 年试点方案（O-COV-01、O-COV-02）。文件与表头：文档中“数据文件夹”一页；GCJ-02 的偏移最大约 700 米，也见该页。
