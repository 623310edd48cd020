/** Benchmarks of the reading side that need its classes. */
package io.github.multiprom.internal.directory;
