/** The writing side: one incarnation of a worker, its files and its cells. */
package io.github.multiprom.internal.worker;
