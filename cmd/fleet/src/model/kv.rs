//! The KV cache: blocks in use, and prompt beginnings that stay until their blocks are needed.

/// A shared prompt beginning that was computed once.
#[derive(Debug, Clone, Default)]
struct Prefix {
    blocks: u64,
    users: u64,
    last_use: u64,
}

/// Blocks of one engine.
#[derive(Debug, Clone)]
pub(super) struct KvCache {
    total: u64,
    /// Blocks that a sequence holds.
    used: u64,
    /// Blocks of prefixes that nobody uses now.
    evictable: u64,
    prefixes: Vec<Prefix>,
    uses: u64,
}

impl KvCache {
    pub(super) fn new(num_gpu_blocks: u64) -> Self {
        Self {
            // vLLM keeps one for itself, the null block.
            total: num_gpu_blocks.saturating_sub(1).max(1),
            used: 0,
            evictable: 0,
            prefixes: Vec::new(),
            uses: 0,
        }
    }

    pub(super) fn usage(&self) -> f64 {
        self.used as f64 / self.total as f64
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn free(&self) -> u64 {
        self.total - self.used
    }

    /// Takes `blocks` more; gives whether there were enough.
    pub(super) fn allocate(&mut self, blocks: u64) -> bool {
        if self.used + blocks > self.total {
            return false;
        }
        while self.used + self.evictable + blocks > self.total {
            self.evict();
        }
        self.used += blocks;
        true
    }

    /// Drops the prefix that was not used for longest.
    fn evict(&mut self) {
        let oldest = self
            .prefixes
            .iter_mut()
            .filter(|p| p.users == 0 && p.blocks > 0)
            .min_by_key(|p| p.last_use);
        if let Some(prefix) = oldest {
            self.evictable -= prefix.blocks;
            prefix.blocks = 0;
        }
    }

    pub(super) fn release(&mut self, blocks: u64) {
        self.used -= blocks;
    }

    fn prefix(&mut self, which: usize) -> &mut Prefix {
        if self.prefixes.len() <= which {
            self.prefixes.resize_with(which + 1, Prefix::default);
        }
        self.uses += 1;
        let prefix = &mut self.prefixes[which];
        prefix.last_use = self.uses;
        prefix
    }

    /// Uses a prefix; gives its blocks, 0 where it is not cached.
    pub(super) fn share(&mut self, which: usize) -> u64 {
        let prefix = self.prefix(which);
        let blocks = prefix.blocks;
        if blocks > 0 {
            prefix.users += 1;
            if prefix.users == 1 {
                self.evictable -= blocks;
                self.used += blocks;
            }
        }
        blocks
    }

    /// Makes `blocks` that a sequence has computed a shared prefix; false where it is one already.
    pub(super) fn publish(&mut self, which: usize, blocks: u64) -> bool {
        let prefix = self.prefix(which);
        if blocks == 0 || prefix.blocks > 0 {
            return false;
        }
        prefix.blocks = blocks;
        prefix.users = 1;
        true
    }

    /// Stops using a prefix.
    pub(super) fn unshare(&mut self, which: usize) {
        let prefix = &mut self.prefixes[which];
        prefix.users -= 1;
        if prefix.users == 0 {
            self.used -= prefix.blocks;
            self.evictable += prefix.blocks;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_held_once_and_evicted_only_when_unused() {
        let mut kv = KvCache::new(11);
        assert!(kv.allocate(4) && kv.publish(0, 4));
        assert_eq!(kv.share(0), 4);
        kv.unshare(0);
        assert!(!kv.allocate(7), "4 of 10 blocks are in use");
        kv.unshare(0);
        assert_eq!((kv.free(), kv.share(0)), (10, 4), "unused and still there");
        kv.unshare(0);
        assert!(kv.allocate(7), "evicts the unused prefix");
        assert_eq!(kv.share(0), 0);
    }

    #[test]
    fn usage_leaves_the_null_block_out_as_the_captured_server_does() {
        let mut kv = KvCache::new(80);
        assert!(kv.allocate(2));
        // The last busy body of 0.32.0 shows exactly this number with two blocks in use.
        assert!((kv.usage() - 0.025_316_455_696_202_556).abs() < 1e-12);
    }
}
