/** Measurements, each beside its peers in one run; see {@code docs/benchmarking.md}. */
package io.github.multiprom.benchmarks;
