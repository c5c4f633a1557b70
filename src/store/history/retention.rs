//! Retention: the oldest rows are dropped, those beyond the capacity and those from before an instant.

use super::History;

impl History {
    /// Changes the capacity and drops the oldest rows beyond it.
    pub fn set_capacity(&mut self, capacity_rows: usize) {
        self.capacity_rows = capacity_rows.max(1);
        self.retain();
    }

    /// Removes the rows that retention has dropped from the first block.
    pub(super) fn drop_gone_rows(&mut self) {
        if self.trimmed_rows > 0 {
            let trimmed_rows = std::mem::take(&mut self.trimmed_rows);
            self.block_mut(0).change(|segment| *segment = segment.split_off(trimmed_rows));
        }
    }

    /// Drops the oldest rows beyond the capacity.
    pub(super) fn retain(&mut self) {
        while self.rows > self.capacity_rows {
            let Some(first) = self.blocks.front() else { return };
            let surplus = self.rows - self.capacity_rows;
            if surplus < first.len() - self.trimmed_rows {
                return self.trim(surplus);
            }
            self.drop_first_block();
        }
    }

    /// Drops the rows from before `oldest`. Only the block that it lies in is read.
    pub(super) fn drop_old_rows(&mut self) {
        let oldest = self.oldest;
        while let Some(first) = self.blocks.front()
            && first.first_time() < oldest
        {
            if first.last_time() >= oldest {
                let old = first.segment().times.partition_point(|time| *time < oldest);
                if old < first.len() {
                    return self.trim(old.saturating_sub(self.trimmed_rows));
                }
            }
            self.drop_first_block();
        }
    }

    /// Drops some rows of the first block, which has more.
    fn trim(&mut self, rows: usize) {
        self.trimmed_rows += rows;
        self.rows -= rows;
        self.dropped += rows as u64;
    }

    /// Drops the first block, if there is one.
    pub(super) fn drop_first_block(&mut self) {
        if let Some(first) = self.blocks.pop_front() {
            first.evict();
            let rows = first.len() - std::mem::take(&mut self.trimmed_rows);
            self.rows -= rows;
            self.dropped += rows as u64;
        }
    }

    /// Drops whole blocks from the oldest on until at least `rows` rows are gone; returns the number of rows dropped.
    pub fn drop_oldest(&mut self, rows: usize) -> usize {
        let before = self.rows;
        while before - self.rows < rows && !self.blocks.is_empty() {
            self.drop_first_block();
        }
        before - self.rows
    }
}
