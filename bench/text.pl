# As text.awk, by one regular expression.
use strict;
my (%n, %bytes, %sum, %h);
while (<>) {
	next unless /^(\S+) - (\S+) \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "[^"]*" "[^"]*" rt=(\d+)\.(\d+) uct="[^"]*" cs=(\S+)/;
	my $ms = $8 * 1000 + $9;
	$n{$10}++; $bytes{$10} += $7; $sum{$10} += $ms; $h{$10}{$ms}++;
}
for my $c (sort keys %n) {
	my ($seen, @p) = (0);
	my @q = (.5, .95, .99);
	for my $ms (sort { $a <=> $b } keys %{$h{$c}}) {
		$seen += $h{$c}{$ms};
		while (@q && $seen >= $q[0] * $n{$c}) { push @p, $ms; shift @q }
		last unless @q;
	}
	printf "%s\t%d\t%.6f\t%s\t%d\n", $c, $n{$c}, $sum{$c} / $n{$c}, join("\t", @p), $bytes{$c};
}
