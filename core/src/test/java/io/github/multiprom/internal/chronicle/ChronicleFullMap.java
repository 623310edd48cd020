package io.github.multiprom.internal.chronicle;

import io.github.multiprom.internal.file.CellBlocks;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.ownership.FileOwnership;
import java.io.IOException;
import java.nio.file.Path;

/** Takes the longest blocks out of a map until there are no more. */
final class ChronicleFullMap {
  private ChronicleFullMap() {}

  /** Argument: the map's file. Prints how many blocks there were. */
  public static void main(String[] arguments) throws IOException {
    Path map = Path.of(arguments[0]);
    MapBlocks blocks = MapBlocks.create(map, FileOwnership.of(map.getParent()), CrashPoint.NONE);
    int length = MapBlocks.EXTENT_LENGTH - 256;
    int count = 0;
    CellBlocks.Block block;
    while ((block = blocks.add(length)) != null) {
      for (int i = 0; i < length; i += Long.BYTES) {
        if (block.bytes().getLong(i) != 0) {
          throw new IllegalStateException("not zeros at " + i + " of block " + count);
        }
        block.bytes().putLong(i, -1);
      }
      count++;
    }
    System.out.println(count);
  }
}
