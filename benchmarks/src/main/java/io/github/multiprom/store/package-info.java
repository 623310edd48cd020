/** Benchmarks of parts that only this package can reach. */
package io.github.multiprom.store;
