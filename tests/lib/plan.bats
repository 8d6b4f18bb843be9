load ../helper

@test "plan: what stays between keys and what days take away, as they were put in" { unit plan; }
