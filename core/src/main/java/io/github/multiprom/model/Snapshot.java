package io.github.multiprom.model;

/**
 * What one incarnation had counted at one moment.
 *
 * <p>The cells of a series start at its {@link SeriesDescriptor#firstCell()}: a counter's sum; a
 * gauge's value and set time (microseconds since the epoch, 0 for never set); a distribution's sum
 * in the second cell and from the third on its bucket counts, not cumulative, with +Inf last. Each
 * number is the unevaluated sum of its high and its low word.
 *
 * <p>The arrays belong to the reader and are filled anew by its next read; everything else is
 * immutable.
 *
 * @param worker who counted
 * @param live whether its lease is held
 * @param exitMs when it announced an orderly exit, milliseconds since the epoch; 0 if it did not
 * @param beatMs when it last said that it was alive, milliseconds since the epoch
 * @param catalog its families and series
 * @param high high words by cell
 * @param low low words by cell
 */
public record Snapshot(
    WorkerInfo worker,
    boolean live,
    long exitMs,
    long beatMs,
    Catalog catalog,
    double[] high,
    double[] low) {}
