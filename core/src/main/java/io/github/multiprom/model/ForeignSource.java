package io.github.multiprom.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What processes count in a metrics directory that have no worker files there, such as those of
 * another language. It is merged as what workers count. One thread at a time.
 *
 * <p>Files of such processes may be retired, too. A pass <em>claims</em> the files of dead ones: it
 * gives them names by which no process opens them any more, with an incarnation in them. Once the
 * retained totals list that incarnation, its files count no more and are deleted. A kill between
 * any two steps leaves files that count, under one name or the other, or files that are listed.
 */
public interface ForeignSource extends AutoCloseable {
  /** There is none. */
  ForeignSource NONE = new NoForeignSource();

  /**
   * What one read found.
   *
   * @param workers what each of the processes had counted. Their incarnations differ from one
   *     another and stay the same while nothing is claimed; catalogs as of {@link Snapshot}
   * @param skipped files that were not read, or only in part
   * @param bytes how much of all files is in use
   */
  record Reading(List<Snapshot> workers, List<SkippedFile> skipped, long bytes) {}

  /**
   * Reads what there is. The arrays in the result are filled anew by the next call. What cannot be
   * read is left out or served from its last read, and named.
   */
  Reading read();

  /**
   * Whether everything that was read last is still there under its name, and nothing was claimed
   * since. Otherwise what was read may count twice, or not at all, beside totals that were read
   * later.
   */
  boolean isCurrent();

  /** Whether a file of the directory belongs to it, by its name. */
  boolean isOne(String fileName);

  /** Whether its files are retired. */
  boolean isRetiring();

  /**
   * Claims the files of dead processes, some of them if they are many. For a holder of the
   * directory's lock.
   *
   * @param files which ones may be claimed
   * @param listed the incarnations that the retained totals list: their files never get back the
   *     names that they had before
   * @throws IOException if the directory cannot be written
   */
  void claim(Predicate<Path> files, Set<Incarnation> listed) throws IOException;

  /** The incarnations that were claimed, by the last read. */
  Set<Incarnation> claimed();

  /**
   * Deletes the files of claimed incarnations. For a holder of the directory's lock.
   *
   * @throws IOException if the directory cannot be read
   */
  void delete(Collection<Incarnation> incarnations) throws IOException;

  /** Lets go of all files. */
  @Override
  void close();
}
