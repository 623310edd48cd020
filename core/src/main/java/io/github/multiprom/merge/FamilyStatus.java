package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.List;

/**
 * A metric family of a directory, as one merge found it. Immutable.
 *
 * @param descriptor what it is shown as
 * @param seriesCount how many series it has after the merge; 0 if it is not shown
 * @param workerCount how many live workers have it
 * @param conflicts in what workers disagree: values of the label {@code kind} of {@code
 *     multiprom_conflicts}
 */
public record FamilyStatus(
    FamilyDescriptor descriptor, int seriesCount, int workerCount, List<String> conflicts) {}
