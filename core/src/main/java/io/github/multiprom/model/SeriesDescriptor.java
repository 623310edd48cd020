package io.github.multiprom.model;

import java.util.List;

/**
 * One series of an incarnation. Immutable.
 *
 * @param family index of its family in the catalog
 * @param labelValues one value per label name of the family
 * @param createdNanos when the series was made, nanoseconds since the epoch
 * @param owner in the retained totals, the name of the retired worker whose own gauge series this
 *     is; otherwise empty
 * @param firstCell index of its first cell in a snapshot's arrays
 */
public record SeriesDescriptor(
    int family, List<String> labelValues, long createdNanos, String owner, int firstCell) {}
