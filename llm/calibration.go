// SPDX-License-Identifier: Apache-2.0

package llm

import "sync"

const (
	// minCalibrated is in tokens. Below it a chat template's own tokens weigh
	// more than the vocabulary.
	minCalibrated = 200
	// calibrationWeight is how much a new observation counts: about the last
	// ten requests matter.
	calibrationWeight = 0.2
	// A model's count is believed between half and twice our estimate; beyond
	// that a server counts something else.
	minScale, maxScale = 0.5, 2
)

// Calibration learns by how much a model's vocabulary differs from the one
// that [EstimateTokens] is fitted to. It is kept in memory, by the model's
// name. A nil one knows nothing.
type Calibration struct {
	mu    sync.Mutex
	scale map[string]float64
}

// Observe compares an estimate with what the provider reported; 0 says that
// it did not.
func (c *Calibration) Observe(model string, estimated, reported int) {
	if c == nil || estimated < minCalibrated || reported <= 0 {
		return
	}
	ratio := min(maxScale, max(minScale, float64(reported)/float64(estimated)))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scale == nil {
		c.scale = map[string]float64{}
	}
	if old, known := c.scale[model]; known {
		ratio = old + calibrationWeight*(ratio-old)
	}
	c.scale[model] = ratio
}

// Scale returns by what an estimate for the model is to be multiplied, 1 as
// long as nothing is known. A packer divides its budget of tokens by it.
func (c *Calibration) Scale(model string) float64 {
	if c == nil {
		return 1
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, known := c.scale[model]; known {
		return s
	}
	return 1
}
