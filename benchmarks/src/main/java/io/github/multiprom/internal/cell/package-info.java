/** Benchmarks of how a thread finds its lane. */
package io.github.multiprom.internal.cell;
