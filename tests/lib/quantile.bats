load ../helper

@test "quantile: the interval leaves 0 out as p says; of tied values it is right as often as it says" { unit quantile; }
