load ../helper

@test "study: rows by experiment, cohort, key and time; days; windows that hold rows of two kinds" { unit study; }
