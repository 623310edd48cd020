/** Stress tests of cells and files. */
package io.github.multiprom.internal.cell;
