/** Stress tests of the protocols in memory that workers and collectors, or threads, share. */
package io.github.multiprom.store;
