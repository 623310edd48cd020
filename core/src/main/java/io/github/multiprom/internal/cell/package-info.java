/** The cells of a series: which thread adds in which lane, and in which order it stores. */
package io.github.multiprom.internal.cell;
