load ../helper

@test "unit: amounts convert to the unit in a column name, exactly, or say why not" { unit unit; }
