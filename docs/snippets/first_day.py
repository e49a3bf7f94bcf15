"""A first day with cultureplan: every name of the main job, from a folder of tables to a plan."""

import cultureplan as cp

# a world: bundled, written to a folder, read back
world = cp.load_world("shizuishan")
cp.write_world(world, "my_city")
world = cp.read_world("my_city")
print(world)
print(cp.datasets.names())
print(world.network.count_by_level().to_dict())
graph = world.network.to_networkx()
print(graph.number_of_nodes(), "facilities,", graph.number_of_edges(), "links")

# how far
metres = cp.travel_costs(world, cp.StraightLine(), limit=2_000)
minutes = cp.travel_costs(world, cp.Walking(speed_m_per_minute=80, detour=1.2), limit=15)
print(metres)
print(minutes.nearest().head())
costs = cp.straight_line_costs([[0, 0], [900, 0]], [[300, 400]], limit_m=800)
same = cp.TravelCosts.from_table(costs.to_frame(), unit="m")
dense = cp.TravelCosts.from_dense([[500.0, float("inf")], [721.1, 60.0]], unit="m")
print(costs.n_pairs, same.n_pairs, dense.n_pairs)

# how well
standard = cp.load_circles("shizuishan-2021")
coverage = cp.measure_coverage(world, standard)
print(f"{coverage.persons:,.0f} persons, {coverage.share:.1%}")
print(coverage.summary().to_string())
print(coverage.by("county").to_string())
print(coverage.uncovered().head().to_string())
circles, land = cp.circle_polygons(world, standard), cp.covered_area(world, standard)
print(len(circles), "circles,", round(land["covered_area_m2"].sum() / 1e6, 1), "km2")
print(cp.covered_persons([[0, 0], [900, 0]], [100, 50], [[0, 500]], limit_m=800))

# where next
problem = cp.SitingProblem.from_world(world, standard)
result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=5), time_limit_s=60, gap=0.0)
print(result.summary())
print(len(cp.solve_siting(problem, cp.SetCover()).opened), "more sites would cover every town")
small = cp.SitingProblem(costs=dense, persons=[50, 20], limit=800.0)
print(cp.solve_siting(small, cp.MaximalCoverage(n_sites=1)).opened)

# what if
after = cp.Scenario(world).add(result).close("640202-H").apply()
print(cp.compare({"today": world, "plan": after}, standard).to_table().to_string())

# worlds of any size
print(cp.datasets.synthetic_world(n_demand=10_000, n_facilities=50, seed=7))
