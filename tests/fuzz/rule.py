import sys
seeds = ["cell_voltage_max > 3.65", "temp_max >= limit_temp_max OR 1 < 2",
         "json_array_length(fault_codes) > 0", "silent_minutes > 15",
         "coalesce(soc_percent, 3) BETWEEN 1e3 AND .5",
         "CASE WHEN operation_mode LIKE 'f%' THEN 1 ELSE max(1, 2) END",
         "NOT (1 IN (2, 3)) AND 'it''s' || 'x' <> 'y'"]
for n, text in enumerate(seeds):
    with open("%s/seed-%d" % (sys.argv[1], n), "w") as file:
        file.write(text)
