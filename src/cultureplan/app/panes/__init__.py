"""The pages of the planner's story, one file each: data, rules, sites, years, duties, compare, save."""
