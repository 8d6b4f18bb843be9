/* rng.c - see rng.h. */
#include "rng.h"

void
rng_seed(struct rng *rng, uint64_t seed)
{
	for (size_t i = 0; i < countof(rng->s); i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
		rng->s[i] = z ^ (z >> 31);
	}
}
