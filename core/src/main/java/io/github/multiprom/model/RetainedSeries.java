package io.github.multiprom.model;

import java.util.List;

/**
 * One series of the retained totals, as it is to be written.
 *
 * @param labelValues one value per label name
 * @param createdMs when the earliest contributor made it, milliseconds since the epoch; of a
 *     per-worker gauge series when that worker started
 * @param endMs until when a contributor was alive, milliseconds since the epoch
 * @param owner the name of the retired worker whose own gauge series this is; otherwise empty
 * @param high high words of the cells, laid out as in a {@link Snapshot}
 * @param low low words of the cells
 */
public record RetainedSeries(
    List<String> labelValues,
    long createdMs,
    long endMs,
    String owner,
    double[] high,
    double[] low) {}
