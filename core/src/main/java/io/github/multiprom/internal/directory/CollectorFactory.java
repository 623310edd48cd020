package io.github.multiprom.internal.directory;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What those who only record need of those who merge. Found by {@link java.util.ServiceLoader},
 * else by its name, so that the two need not know each other.
 */
public interface CollectorFactory {
  /**
   * A collector of a directory.
   *
   * @param reader what it reads at each collect
   * @param workerLabel name of the label of per-worker series
   */
  DirectoryCollector collector(SnapshotReader reader, String workerLabel);

  /**
   * Retires dead workers of a directory, in the calling thread, so that their files give space. One
   * worker at a time is held in memory.
   *
   * @return how many were retired; less than 0 if another retirer is at work
   * @throws IOException if that fails; nothing is lost then
   */
  int retire(Path directory) throws IOException;
}
