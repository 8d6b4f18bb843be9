load ../helper

@test "sha256: what FIPS 180-4 and sha256sum say, whole or in parts" { unit sha256; }
