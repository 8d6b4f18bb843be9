# Each event with the cohort of its url as cmon-cohort has it: scheme cmon1, two
# cohorts of one weight, which the hash's first bit tells apart.
use strict;
use warnings;
use Digest::SHA qw(sha256);

$_ = <>;
chomp;
my @names = split /\t/;
my ($url) = grep { $names[$_] eq "url" } 0 .. $#names;
print "$_\texperiment\tcohort\n";
while (<>) {
	chomp;
	my $key = (split /\t/, $_, $url + 2)[$url];
	print $_, ord(sha256("bench\0$key")) < 128 ? "\tbench\tcontrol\n" : "\tbench\ttreatment\n";
}
